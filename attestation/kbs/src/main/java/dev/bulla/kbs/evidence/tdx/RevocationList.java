package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A revocation list that its issuer has signed.
 *
 * @param crl the list
 * @param number its number, of which a later list has a higher one
 */
record RevocationList(X509CRL crl, BigInteger number) {
    private static final String CRL_NUMBER = "2.5.29.20";

    /**
     * Reads a list and verifies that it is the issuer's, and was issued.
     *
     * @throws EvidenceException when it is not
     */
    static RevocationList verify(byte[] bytes, X509Certificate issuer, Instant at, String what)
            throws EvidenceException {
        if (bytes.length > TdxCollateral.MAX_CRL_BYTES) {
            throw new EvidenceException(
                    what + ": " + bytes.length + " bytes, expected at most " + TdxCollateral.MAX_CRL_BYTES);
        }
        X509CRL crl;
        try {
            crl = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(bytes));
            if (!crl.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                throw new EvidenceException(what + ": another issuer than that of the certificates");
            }
            crl.verify(issuer.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new EvidenceException(what + ": not a list of its issuer", e);
        }
        if (crl.hasUnsupportedCriticalExtension()) {
            throw new EvidenceException(what + ": a critical extension that is not understood");
        }
        if (crl.getNextUpdate() == null) {
            throw new EvidenceException(what + ": no time of the next update");
        }
        if (crl.getThisUpdate().toInstant().isAfter(at)) {
            throw new EvidenceException(
                    what + ": issued at " + crl.getThisUpdate().toInstant() + ", which is not yet");
        }
        byte @Nullable [] number = crl.getExtensionValue(CRL_NUMBER);
        if (number == null) {
            throw new EvidenceException(what + ": no number");
        }
        try {
            return new RevocationList(crl, new DerReader(new DerReader(number).take(DerReader.OCTET_STRING)).integer());
        } catch (EvidenceException e) {
            throw new EvidenceException(what + ": its number: " + e.getMessage());
        }
    }

    /** Refuses a certificate that is on the list. */
    void require(X509Certificate certificate, String what) throws EvidenceException {
        if (crl.getRevokedCertificate(certificate.getSerialNumber()) != null) {
            throw new EvidenceException(what + ": the certificate with the serial number "
                    + certificate.getSerialNumber().toString(16) + " is revoked");
        }
    }

    Instant issued() {
        return crl.getThisUpdate().toInstant();
    }

    Instant expires() {
        return crl.getNextUpdate().toInstant();
    }
}
