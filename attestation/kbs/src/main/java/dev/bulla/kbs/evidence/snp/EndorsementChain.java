package dev.bulla.kbs.evidence.snp;

import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.attestation.protocol.snp.SnpSigningKey;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;

/**
 * The chain from an endorsement key to a pinned root: always three certificates, so it is checked link by link, and each refusal
 * names its link.
 */
final class EndorsementChain {
    private static final String RSASSA_PSS_OID = "1.2.840.113549.1.1.10";
    private static final int SALT_LENGTH = 48;
    private static final int TRAILER_FIELD = 1;
    private static final int KEY_CERT_SIGN = 5;

    private final SnpProduct product;
    private final AmdRoots.Authorities authorities;
    private final Date now;

    EndorsementChain(SnpProduct product, AmdRoots.Authorities authorities, Instant now) {
        this.product = product;
        this.authorities = authorities;
        this.now = Date.from(now);
    }

    /**
     * Verifies that an endorsement key of that kind is one of the product.
     *
     * @param key the key's certificate
     * @param kind VCEK or VLEK
     * @param supplied what came with it: an intermediate of the right name is taken instead of ours, if the pinned root has
     *     signed it; a root must be the pinned one
     */
    void verify(X509Certificate key, SnpSigningKey kind, List<SnpCertificate> supplied) throws EvidenceException {
        X509Certificate ark = authorities.ark();
        X509Certificate intermediate = kind == SnpSigningKey.VLEK ? authorities.asvk() : authorities.ask();
        String intermediateName = kind == SnpSigningKey.VLEK ? "ASVK" : "ASK";
        boolean ours = true;
        for (SnpCertificate entry : supplied) {
            if (entry.guid().equals(SnpCertificate.ARK)) {
                X509Certificate other = EndorsementKey.parse(entry.data(), "ARK");
                if (!other.getSubjectX500Principal().equals(ark.getSubjectX500Principal())
                        || !other.getPublicKey().equals(ark.getPublicKey())) {
                    throw new EvidenceException("SNP certificates: the ARK "
                            + Quoted.text(other.getSubjectX500Principal().getName())
                            + " is not the pinned root of " + product.amdName());
                }
            } else if (entry.guid().equals(SnpCertificate.ASK) && ours) {
                X509Certificate other = EndorsementKey.parse(entry.data(), "ASK");
                if (other.getSubjectX500Principal().equals(intermediate.getSubjectX500Principal())) {
                    intermediate = other;
                    ours = false;
                }
            }
        }
        authority(ark, "ARK", 1);
        link(ark, "ARK", ark, "ARK");
        authority(intermediate, intermediateName, 0);
        link(intermediate, intermediateName, ark, "ARK");
        if (key.getBasicConstraints() != -1) {
            throw new EvidenceException("SNP certificates: the " + kind + " is a certificate authority's");
        }
        link(key, kind.name(), intermediate, intermediateName);
    }

    private static void authority(X509Certificate certificate, String name, int authoritiesBelow)
            throws EvidenceException {
        boolean[] usage = certificate.getKeyUsage();
        if (certificate.getBasicConstraints() < authoritiesBelow || usage == null || !usage[KEY_CERT_SIGN]) {
            throw new EvidenceException("SNP certificates: the " + name + " may not issue the certificates below it");
        }
    }

    private void link(X509Certificate subject, String name, X509Certificate issuer, String issuerName)
            throws EvidenceException {
        if (!subject.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            throw new EvidenceException("SNP certificates: the " + name + " is issued by "
                    + Quoted.text(subject.getIssuerX500Principal().getName()) + ", expected "
                    + Quoted.text(issuer.getSubjectX500Principal().getName()) + " of " + product.amdName());
        }
        if (subject.hasUnsupportedCriticalExtension()) {
            throw new EvidenceException(
                    "SNP certificates: the " + name + " has a critical extension that is not understood");
        }
        try {
            checkAlgorithm(subject, name);
            subject.verify(issuer.getPublicKey());
        } catch (GeneralSecurityException | IOException e) {
            throw new EvidenceException(
                    "SNP certificates: the " + name + " is not signed by the " + issuerName + " of "
                            + product.amdName(),
                    e);
        }
        try {
            subject.checkValidity(now);
        } catch (CertificateExpiredException e) {
            throw new EvidenceException(
                    "SNP certificates: the " + name + " expired at "
                            + subject.getNotAfter().toInstant() + ", and it is " + now.toInstant(),
                    e);
        } catch (CertificateNotYetValidException e) {
            throw new EvidenceException(
                    "SNP certificates: the " + name + " is valid from "
                            + subject.getNotBefore().toInstant() + ", and it is " + now.toInstant(),
                    e);
        }
    }

    private static void checkAlgorithm(X509Certificate certificate, String name)
            throws EvidenceException, GeneralSecurityException, IOException {
        byte[] encoded = certificate.getSigAlgParams();
        if (certificate.getSigAlgOID().equals(RSASSA_PSS_OID) && encoded != null) {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            parameters.init(encoded);
            PSSParameterSpec pss = parameters.getParameterSpec(PSSParameterSpec.class);
            if (pss.getDigestAlgorithm().equals("SHA-384")
                    && pss.getMGFParameters() instanceof MGF1ParameterSpec mgf
                    && mgf.getDigestAlgorithm().equals("SHA-384")
                    && pss.getSaltLength() == SALT_LENGTH
                    && pss.getTrailerField() == TRAILER_FIELD) {
                return;
            }
        }
        throw new EvidenceException("SNP certificates: the " + name + " is signed by "
                + Quoted.text(certificate.getSigAlgName()) + ", expected RSASSA-PSS with SHA-384");
    }
}
