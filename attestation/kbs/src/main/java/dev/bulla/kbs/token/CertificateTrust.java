package dev.bulla.kbs.token;

import dev.bulla.attestation.protocol.KbsProtocolException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderResult;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whose certificates are believed: a set of certificates, of which the self-signed ones are roots and the others help to
 * reach them. The certificates of a chain may come in any order but the first, which is the key's own.
 *
 * <p><b>Security.</b> PKIX (RFC 5280) at the time of the check: signatures, dates, basic constraints, key usage of issuers. A
 * certificate that is not self-signed is no root even where it stands among the trusted. There is no revocation.
 */
public final class CertificateTrust {
    private final Set<X509Certificate> roots = new LinkedHashSet<>();
    private final List<X509Certificate> intermediates = new ArrayList<>();
    private final InstantSource time;

    /**
     * Trust in these.
     *
     * @param trusted the certificates, at least one of them self-signed
     * @param time by which certificates are valid
     * @throws KbsProtocolException when none is self-signed
     */
    public CertificateTrust(List<X509Certificate> trusted, InstantSource time) throws KbsProtocolException {
        this.time = time;
        for (X509Certificate certificate : trusted) {
            if (isSelfSigned(certificate)) {
                roots.add(certificate);
            } else {
                intermediates.add(certificate);
            }
        }
        if (roots.isEmpty()) {
            throw new KbsProtocolException("trusted certificates: none of " + trusted.size() + " is self-signed");
        }
    }

    /**
     * Checks that a key is endorsed by its certificates.
     *
     * @throws KbsProtocolException when there are none, the first is of another key, or they lead to no root
     */
    public void requireEndorsed(VerificationKey key) throws KbsProtocolException {
        List<X509Certificate> chain = key.certificates();
        if (chain.isEmpty()) {
            throw new KbsProtocolException("JWK: no certificates endorse it (\"x5c\" is missing)");
        }
        X509Certificate own = chain.getFirst();
        if (!isSame(own.getPublicKey(), key.key())) {
            throw new KbsProtocolException("JWK: the first certificate of \"x5c\" is that of another key");
        }
        Instant now = time.instant();
        try {
            if (roots.contains(own)) {
                own.checkValidity(Date.from(now));
                return;
            }
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(own);
            Set<TrustAnchor> anchors = new LinkedHashSet<>();
            roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            List<X509Certificate> known = new ArrayList<>(chain);
            known.addAll(intermediates);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
            CertPathBuilderResult path = CertPathBuilder.getInstance("PKIX").build(parameters);
            // PKIX does not look at a root's own dates
            ((PKIXCertPathBuilderResult) path).getTrustAnchor().getTrustedCert().checkValidity(Date.from(now));
        } catch (GeneralSecurityException e) {
            throw new KbsProtocolException("JWK: its certificates lead to no trusted root", e);
        }
    }

    private static boolean isSame(PublicKey one, PublicKey other) {
        return MessageDigest.isEqual(one.getEncoded(), other.getEncoded());
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
