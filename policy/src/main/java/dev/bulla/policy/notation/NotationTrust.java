package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.KeyMaterialException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a notation signature must go back to, all of it read.
 *
 * @param ca the certificates that the scheme {@code notary.x509} must go back to
 * @param signingAuthority those for {@code notary.x509.signingAuthority}
 * @param tsa the roots of time-stamping authorities; empty: time stamps are not looked at
 * @param revocation the revocation lists
 * @param identities whose signatures count
 * @param level what must hold
 * @param timestamps when a time stamp is asked for
 */
public record NotationTrust(
        List<X509Certificate> ca,
        List<X509Certificate> signingAuthority,
        List<X509Certificate> tsa,
        RevocationLists revocation,
        TrustedIdentities identities,
        VerificationLevel level,
        TimestampVerification timestamps) {
    public NotationTrust {
        ca = List.copyOf(ca);
        signingAuthority = List.copyOf(signingAuthority);
        tsa = List.copyOf(tsa);
        requireNonNull(revocation, "revocation is null");
        requireNonNull(identities, "identities is null");
        requireNonNull(level, "level is null");
        requireNonNull(timestamps, "timestamps is null");
    }

    /**
     * Reads a file of a trust store: certificates in PEM, or one in DER; each an authority's or self-signed.
     *
     * @param origin where it came from, for messages
     */
    public static List<X509Certificate> store(byte[] file, String origin) throws KeyMaterialException {
        List<X509Certificate> certificates;
        try {
            certificates = new String(file, StandardCharsets.ISO_8859_1).contains("-----BEGIN ")
                    ? Certificates.pem(file)
                    : List.of(Certificates.der(file));
        } catch (CertificateException e) {
            throw new KeyMaterialException(
                    "the certificates " + Quoted.text(origin) + ": " + Quoted.text(String.valueOf(e.getMessage())), e);
        }
        for (X509Certificate certificate : certificates) {
            if (certificate.getBasicConstraints() < 0 && !isSelfSigned(certificate)) {
                throw new KeyMaterialException("the certificates " + Quoted.text(origin) + ": "
                        + CertificatePath.name(certificate) + " is neither an authority's nor self-signed");
            }
        }
        return certificates;
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        try {
            certificate.verify(certificate.getPublicKey());
            return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The trusted certificates of a scheme. */
    List<X509Certificate> store(SigningScheme scheme) {
        return switch (scheme) {
            case X509 -> ca;
            case SIGNING_AUTHORITY -> signingAuthority;
        };
    }
}
