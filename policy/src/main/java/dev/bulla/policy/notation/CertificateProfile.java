package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a chain of certificates must be, whoever is trusted: complete to a self-signed root, in order, each issued by the
 * next, with these key usages. Spec: signature-specification.md, Certificate Requirements; of the extensions only
 * basicConstraints, keyUsage and extendedKeyUsage are looked at.
 */
enum CertificateProfile {
    /** Of who signs images. */
    CODE_SIGNING,
    /** Of a time-stamping authority. */
    TIME_STAMPING;

    private static final String KEY_USAGE = "2.5.29.15";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";

    /** What can be critical: these, and names and policies, which nobody here relies on. Name constraints cannot. */
    private static final Set<String> KNOWN_EXTENSIONS =
            Set.of(KEY_USAGE, EXTENDED_KEY_USAGE, BASIC_CONSTRAINTS, "2.5.29.17", "2.5.29.32");

    private static final String TIME_STAMPING_USAGE = "1.3.6.1.5.5.7.3.8";

    /** Any, server, client, e-mail, time stamping, OCSP. */
    private static final Set<String> NOT_FOR_CODE = Set.of(
            "2.5.29.37.0",
            "1.3.6.1.5.5.7.3.1",
            "1.3.6.1.5.5.7.3.2",
            "1.3.6.1.5.5.7.3.4",
            TIME_STAMPING_USAGE,
            "1.3.6.1.5.5.7.3.9");

    private static final int DIGITAL_SIGNATURE = 0;
    private static final int NON_REPUDIATION = 1;
    private static final int KEY_CERT_SIGN = 5;

    private static final List<String> WEAK_HASHES = List.of("MD2", "MD5", "SHA1", "SHA224");

    /**
     * Requires that the chain is one of this profile.
     *
     * @param chain the leaf first, the root last; not empty
     */
    void require(List<X509Certificate> chain) throws SignatureRejectedException {
        requireNonNull(chain, "chain is null");
        for (int i = 0; i < chain.size(); i++) {
            X509Certificate certificate = chain.get(i);
            boolean last = i == chain.size() - 1;
            requireStrongHash(certificate);
            requireKnownExtensions(certificate);
            requireIssuer(certificate, chain.get(last ? i : i + 1));
            if (!last
                    && certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                    && isSignedBy(certificate, certificate)) {
                throw refused(certificate, "is self-signed, but does not end the chain");
            }
            if (i == 0) {
                requireLeaf(certificate);
            } else {
                requireAuthority(certificate, i - 1);
            }
        }
    }

    /** Requires that all certificates of a chain are valid from one instant to another. */
    static void requireValid(List<X509Certificate> chain, Instant from, Instant to, String when)
            throws SignatureRejectedException {
        for (X509Certificate certificate : chain) {
            Instant notBefore = certificate.getNotBefore().toInstant();
            Instant notAfter = certificate.getNotAfter().toInstant();
            if (from.isBefore(notBefore) || to.isAfter(notAfter)) {
                throw new SignatureRejectedException(
                        SignatureCheck.TIME,
                        "the certificate " + CertificatePath.name(certificate) + " is valid from " + notBefore + " to "
                                + notAfter + ", not at " + when + " " + (from.equals(to) ? from : from + " to " + to));
            }
        }
    }

    /** What an authority thought so important, and is not looked at here, may be what forbids this very signature. */
    private static void requireKnownExtensions(X509Certificate certificate) throws SignatureRejectedException {
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        for (String extension : critical == null ? Set.<String>of() : critical) {
            if (!KNOWN_EXTENSIONS.contains(extension)) {
                throw refused(certificate, "has the critical extension " + extension + ", which is not known here");
            }
        }
    }

    private static void requireStrongHash(X509Certificate certificate) throws SignatureRejectedException {
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT).replace("-", "");
        for (String weak : WEAK_HASHES) {
            if (algorithm.contains(weak)) {
                throw refused(certificate, "is signed with " + certificate.getSigAlgName());
            }
        }
    }

    private static void requireIssuer(X509Certificate certificate, X509Certificate issuer)
            throws SignatureRejectedException {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
                || !isSignedBy(certificate, issuer)) {
            throw refused(
                    certificate,
                    certificate.equals(issuer)
                            ? "ends the chain, but is not self-signed"
                            : "is not issued by the next, " + CertificatePath.name(issuer));
        }
    }

    private static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private void requireAuthority(X509Certificate certificate, int below) throws SignatureRejectedException {
        int length = certificate.getBasicConstraints();
        if (length < 0 || !isCritical(certificate, BASIC_CONSTRAINTS)) {
            throw refused(certificate, "has no critical basicConstraints of a certificate authority");
        }
        if (length < below) {
            throw refused(certificate, "has " + below + " authorities below it, limit " + length);
        }
        if (!keyUsage(certificate)[KEY_CERT_SIGN]) {
            throw refused(certificate, "has no keyUsage keyCertSign");
        }
    }

    private void requireLeaf(X509Certificate certificate) throws SignatureRejectedException {
        if (certificate.getBasicConstraints() >= 0) {
            throw refused(certificate, "is an authority's, expected a signer's");
        }
        SigningAlgorithm.of(certificate);
        requireLeafKeyUsage(certificate);
        List<String> usages;
        try {
            usages = certificate.getExtendedKeyUsage();
        } catch (CertificateParsingException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the certificate " + CertificatePath.name(certificate) + " has a malformed extendedKeyUsage",
                    e);
        }
        switch (this) {
            case CODE_SIGNING -> {
                if (usages != null && usages.stream().anyMatch(NOT_FOR_CODE::contains)) {
                    throw refused(certificate, "is for " + usages + ", expected code signing");
                }
            }
            case TIME_STAMPING -> {
                if (usages == null
                        || !usages.equals(List.of(TIME_STAMPING_USAGE))
                        || !isCritical(certificate, EXTENDED_KEY_USAGE)) {
                    throw refused(certificate, "is not for time stamping alone (critical extendedKeyUsage)");
                }
            }
        }
    }

    private void requireLeafKeyUsage(X509Certificate certificate) throws SignatureRejectedException {
        boolean[] usage = keyUsage(certificate);
        if (!usage[DIGITAL_SIGNATURE]) {
            throw refused(certificate, "has no keyUsage digitalSignature");
        }
        for (int bit = NON_REPUDIATION + 1; bit < usage.length; bit++) {
            if (usage[bit]) {
                throw refused(certificate, "has a keyUsage beside digitalSignature (bit " + bit + ")");
            }
        }
    }

    private boolean[] keyUsage(X509Certificate certificate) throws SignatureRejectedException {
        boolean[] usage = certificate.getKeyUsage();
        if (usage == null || (this == CODE_SIGNING && !isCritical(certificate, KEY_USAGE))) {
            throw refused(certificate, "has no critical keyUsage");
        }
        return usage;
    }

    private static boolean isCritical(X509Certificate certificate, String extension) {
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        return critical != null && critical.contains(extension);
    }

    private static SignatureRejectedException refused(X509Certificate certificate, String problem) {
        return new SignatureRejectedException(
                SignatureCheck.CERTIFICATE, "the certificate " + CertificatePath.name(certificate) + " " + problem);
    }
}
