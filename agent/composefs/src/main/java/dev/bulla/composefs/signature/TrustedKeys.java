package dev.bulla.composefs.signature;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whose signatures over digests are believed: public keys for detached signatures, certificates for PKCS#7 ones.
 *
 * <p>Read from PEM: blocks {@code PUBLIC KEY} and {@code CERTIFICATE}, any number, with nothing but white space around them.
 *
 * <p><b>Security.</b> A key that could not be believed ({@link VerificationKey}) is refused here, not passed over.
 */
public final class TrustedKeys {
    /** The most bytes of a PEM file. */
    public static final int MAX_LENGTH = 256 * 1024;

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    private final List<VerificationKey> keys;
    private final List<X509Certificate> certificates;

    private TrustedKeys(Set<VerificationKey> keys, Set<X509Certificate> certificates) {
        this.keys = List.copyOf(keys);
        this.certificates = List.copyOf(certificates);
    }

    /** Those of all of these together. */
    public static TrustedKeys of(List<TrustedKeys> several) {
        Set<VerificationKey> keys = new LinkedHashSet<>();
        Set<X509Certificate> certificates = new LinkedHashSet<>();
        for (TrustedKeys some : several) {
            keys.addAll(some.keys);
            certificates.addAll(some.certificates);
        }
        return new TrustedKeys(keys, certificates);
    }

    /**
     * Reads a PEM file.
     *
     * @param origin where it came from, for messages
     * @throws UnusableKeyException when there is none in it, or anything in it is not one that can be believed
     */
    public static TrustedKeys parse(byte[] pem, String origin) throws UnusableKeyException {
        if (pem.length > MAX_LENGTH) {
            throw new UnusableKeyException(origin, "got " + pem.length + " bytes, limit " + MAX_LENGTH);
        }
        Set<VerificationKey> keys = new LinkedHashSet<>();
        Set<X509Certificate> certificates = new LinkedHashSet<>();
        List<String> lines =
                new String(pem, StandardCharsets.ISO_8859_1).lines().toList();
        int at = 0;
        while (at < lines.size()) {
            String first = lines.get(at).strip();
            if (first.isEmpty()) {
                at++;
                continue;
            }
            if (!first.equals(BEGIN + "PUBLIC KEY" + DASHES) && !first.equals(BEGIN + "CERTIFICATE" + DASHES)) {
                throw new UnusableKeyException(
                        origin, "line " + (at + 1) + " begins no PEM block PUBLIC KEY or CERTIFICATE");
            }
            String last = END + first.substring(BEGIN.length());
            int end = at + 1;
            while (end < lines.size() && !lines.get(end).strip().equals(last)) {
                end++;
            }
            if (end == lines.size()) {
                throw new UnusableKeyException(origin, "the PEM block of line " + (at + 1) + " does not end");
            }
            byte[] der = decode(lines.subList(at + 1, end), origin);
            if (first.contains("CERTIFICATE")) {
                certificates.add(certificate(der, origin));
            } else {
                keys.add(detachedKey(der, origin));
            }
            at = end + 1;
        }
        if (keys.isEmpty() && certificates.isEmpty()) {
            throw new UnusableKeyException(origin, "there is no PEM block PUBLIC KEY or CERTIFICATE in it");
        }
        return new TrustedKeys(keys, certificates);
    }

    private static byte[] decode(List<String> lines, String origin) throws UnusableKeyException {
        try {
            return Base64.getDecoder()
                    .decode(String.join("", lines.stream().map(String::strip).toList()));
        } catch (IllegalArgumentException e) {
            throw new UnusableKeyException(origin, "what a PEM block holds is not base64", e);
        }
    }

    private static X509Certificate certificate(byte[] der, String origin) throws UnusableKeyException {
        try {
            if (CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der))
                            instanceof X509Certificate certificate
                    && Arrays.equals(certificate.getEncoded(), der)) {
                VerificationKey key = VerificationKey.of(certificate.getPublicKey(), origin);
                if (key.kind() == VerificationKey.Kind.ED25519) {
                    throw new UnusableKeyException(
                            origin, "a certificate of an Ed25519 key, expected RSA or ECDSA for PKCS#7 signatures");
                }
                return certificate;
            }
        } catch (CertificateException e) {
            throw new UnusableKeyException(origin, "what a PEM block holds is no X.509 certificate", e);
        }
        throw new UnusableKeyException(origin, "what a PEM block holds is not just an X.509 certificate in DER");
    }

    private static VerificationKey detachedKey(byte[] der, String origin) throws UnusableKeyException {
        VerificationKey key = VerificationKey.of(publicKey(der, origin), origin);
        return switch (key.kind()) {
            case ED25519, P256 -> key;
            case RSA, P384, P521 ->
                throw new UnusableKeyException(
                        origin,
                        "a public key of the kind " + key.kind()
                                + ", expected Ed25519 or P256 (others sign with a certificate)");
        };
    }

    private static PublicKey publicKey(byte[] der, String origin) throws UnusableKeyException {
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                PublicKey key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
                if (!Arrays.equals(key.getEncoded(), der)) {
                    throw new UnusableKeyException(origin, "what a PEM block holds is not just a key in DER");
                }
                return key;
            } catch (InvalidKeySpecException e) {
                // not a key of this algorithm; the next may know it
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e); // every JDK has these
            }
        }
        throw new UnusableKeyException(origin, "what a PEM block holds is no RSA, ECDSA or Ed25519 key");
    }

    /** The keys of detached signatures. */
    public List<VerificationKey> keys() {
        return keys;
    }

    /** The certificates of PKCS#7 signatures. */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    /** How many there are. */
    @Override
    public String toString() {
        return keys.size()
                + (keys.size() == 1 ? " key and " : " keys and ")
                + certificates.size()
                + (certificates.size() == 1 ? " certificate" : " certificates");
    }
}
