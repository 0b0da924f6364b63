package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.Accuracy;
import org.bouncycastle.asn1.tsp.TSTInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.jspecify.annotations.Nullable;

/**
 * A time stamp token (RFC 3161, RFC 5816) over a signature, verified: by whom, and between which two instants it was made.
 *
 * @param chain the authority's certificates, the leaf first, the root last
 * @param from the earliest time that it can have been made at
 * @param to the latest
 */
record TimestampToken(List<X509Certificate> chain, Instant from, Instant to) {
    /** The most bytes of a token. */
    static final int MAX_LENGTH = 128 * 1024;

    /** The most certificates in one. */
    static final int MAX_CERTIFICATES = 16;

    private static final Map<String, String> HASHES = Map.of(
            "2.16.840.1.101.3.4.2.1",
            "SHA-256",
            "2.16.840.1.101.3.4.2.2",
            "SHA-384",
            "2.16.840.1.101.3.4.2.3",
            "SHA-512");

    /** RSA PKCS #1 v1.5, with the hash named apart or together, and ECDSA. */
    private static final Set<String> SIGNATURES = Set.of(
            "1.2.840.113549.1.1.1",
            "1.2.840.113549.1.1.11",
            "1.2.840.113549.1.1.12",
            "1.2.840.113549.1.1.13",
            "1.2.840.10045.4.3.2",
            "1.2.840.10045.4.3.3",
            "1.2.840.10045.4.3.4");

    /** The baseline time-stamp policy (RFC 3628), which promises a second. */
    private static final String BASELINE_POLICY = "0.4.0.2023.1.1";

    TimestampToken {
        chain = List.copyOf(chain);
        requireNonNull(from, "from is null");
        requireNonNull(to, "to is null");
    }

    /**
     * Verifies a token.
     *
     * @param token its bytes
     * @param stamped what it must be over
     * @param roots the authorities that are trusted
     */
    static TimestampToken verify(byte[] token, byte[] stamped, List<X509Certificate> roots)
            throws SignatureRejectedException {
        if (token.length > MAX_LENGTH) {
            throw refused("it has " + token.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            return verified(token, stamped, roots);
        } catch (CMSException
                | IOException
                | CertificateException
                | OperatorCreationException
                | NoSuchAlgorithmException
                | ParseException
                | RuntimeException e) {
            // Bouncy Castle's readers throw unchecked exceptions for what is not of the form they expect
            throw new SignatureRejectedException(
                    SignatureCheck.TIMESTAMP,
                    "the time stamp is malformed: " + Quoted.text(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static TimestampToken verified(byte[] token, byte[] stamped, List<X509Certificate> roots)
            throws SignatureRejectedException, CMSException, IOException, CertificateException,
                    OperatorCreationException, NoSuchAlgorithmException, ParseException {
        CMSSignedData cms = new CMSSignedData(token);
        if (cms.isDetachedSignature()
                || !PKCSObjectIdentifiers.id_ct_TSTInfo.getId().equals(cms.getSignedContentTypeOID())
                || !(cms.getSignedContent().getContent() instanceof byte[] content)) {
            throw refused("it holds no TSTInfo");
        }
        Collection<SignerInformation> signers = cms.getSignerInfos().getSigners();
        if (signers.size() != 1) {
            throw refused(signers.size() + " signers, expected one");
        }
        SignerInformation signer = signers.iterator().next();
        List<X509Certificate> certificates = certificates(cms);
        X509Certificate leaf = leaf(cms, signer, certificates);
        requireSigned(signer, leaf);
        requireSigningCertificate(signer, leaf);
        TSTInfo info = TSTInfo.getInstance(ASN1Primitive.fromByteArray(content));
        requireImprint(info, stamped);
        if (!ASN1Integer.getInstance(info.getVersion()).hasValue(1)
                || (info.getExtensions() != null && info.getExtensions().hasAnyCriticalExtensions())) {
            throw refused("it is of another version than 1 or has critical extensions");
        }
        Instant time = info.getGenTime().getDate().toInstant();
        Duration accuracy = accuracy(info);
        CertificatePath path = CertificatePath.verify(leaf, certificates, roots, time);
        CertificateProfile.TIME_STAMPING.require(path.certificates());
        return new TimestampToken(path.certificates(), time.minus(accuracy), time.plus(accuracy));
    }

    private static List<X509Certificate> certificates(CMSSignedData cms)
            throws CertificateException, IOException, SignatureRejectedException {
        Collection<X509CertificateHolder> holders = cms.getCertificates().getMatches(null);
        if (holders.size() > MAX_CERTIFICATES) {
            throw refused(holders.size() + " certificates, limit " + MAX_CERTIFICATES);
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (X509CertificateHolder holder : holders) {
            certificates.add(Certificates.der(holder.getEncoded()));
        }
        return certificates;
    }

    private static X509Certificate leaf(CMSSignedData cms, SignerInformation signer, List<X509Certificate> certificates)
            throws SignatureRejectedException, CertificateException, IOException {
        List<X509CertificateHolder> found = cms.getCertificates().getMatches(null).stream()
                .filter(holder -> signer.getSID().match(holder))
                .toList();
        if (found.size() != 1) {
            throw refused(found.size() + " certificates of its signer, expected one");
        }
        X509Certificate leaf = Certificates.der(found.getFirst().getEncoded());
        certificates.remove(leaf);
        return leaf;
    }

    private static void requireSigned(SignerInformation signer, X509Certificate leaf)
            throws SignatureRejectedException, CMSException, OperatorCreationException {
        if (!HASHES.containsKey(signer.getDigestAlgOID()) || !SIGNATURES.contains(signer.getEncryptionAlgOID())) {
            throw refused("it is signed with " + signer.getDigestAlgOID() + " and " + signer.getEncryptionAlgOID()
                    + ", expected SHA-256, SHA-384 or SHA-512 and RSA PKCS #1 v1.5 or ECDSA");
        }
        if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().build(leaf.getPublicKey()))) {
            throw refused("it is not signed by " + CertificatePath.name(leaf));
        }
    }

    /** The signed attributes name the certificate that signed, so that no other of the same key can take its place. */
    private static void requireSigningCertificate(SignerInformation signer, X509Certificate leaf)
            throws SignatureRejectedException, CertificateException, NoSuchAlgorithmException {
        AttributeTable attributes = signer.getSignedAttributes();
        Attribute attribute =
                attributes == null ? null : attributes.get(PKCSObjectIdentifiers.id_aa_signingCertificateV2);
        if (attribute == null || attribute.getAttrValues().size() != 1) {
            throw refused("it has no attribute signing-certificate-v2");
        }
        ASN1Encodable value = attribute.getAttrValues().getObjectAt(0);
        ESSCertIDv2[] ids = SigningCertificateV2.getInstance(value).getCerts();
        if (ids.length == 0) {
            throw refused("its attribute signing-certificate-v2 is empty");
        }
        String hash = HASHES.get(ids[0].getHashAlgorithm().getAlgorithm().getId());
        if (hash == null
                || !MessageDigest.isEqual(
                        MessageDigest.getInstance(hash).digest(leaf.getEncoded()), ids[0].getCertHash())) {
            throw refused("its attribute signing-certificate-v2 names another certificate");
        }
    }

    private static void requireImprint(TSTInfo info, byte[] stamped)
            throws SignatureRejectedException, NoSuchAlgorithmException {
        String oid = info.getMessageImprint().getHashAlgorithm().getAlgorithm().getId();
        String hash = HASHES.get(oid);
        if (hash == null) {
            throw refused("it is over a hash of " + oid + ", expected SHA-256, SHA-384 or SHA-512");
        }
        if (!MessageDigest.isEqual(
                MessageDigest.getInstance(hash).digest(stamped),
                info.getMessageImprint().getHashedMessage())) {
            throw refused("it is over another signature");
        }
    }

    private static Duration accuracy(TSTInfo info) throws SignatureRejectedException {
        Accuracy accuracy = info.getAccuracy();
        if (accuracy == null) {
            return BASELINE_POLICY.equals(info.getPolicy().getId()) ? Duration.ofSeconds(1) : Duration.ZERO;
        }
        return Duration.ofSeconds(number(accuracy.getSeconds()))
                .plusMillis(number(accuracy.getMillis()))
                .plusNanos(1000L * number(accuracy.getMicros()));
    }

    private static int number(@Nullable ASN1Integer value) throws SignatureRejectedException {
        if (value == null) {
            return 0;
        }
        int number = value.intValueExact();
        if (number < 0) {
            throw refused("its accuracy is negative");
        }
        return number;
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.TIMESTAMP, "the time stamp: " + problem);
    }
}
