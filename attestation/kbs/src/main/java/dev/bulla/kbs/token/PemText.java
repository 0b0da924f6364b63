package dev.bulla.kbs.token;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.KbsProtocolException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Reads keys and certificates from RFC 7468 PEM texts. */
public final class PemText {
    /** The longest text. */
    public static final int MAX_LENGTH = 1024 * 1024;

    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    /** The DER of an AlgorithmIdentifier: rsaEncryption, NULL. */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    /** The DER of an AlgorithmIdentifier: id-ecPublicKey, prime256v1. */
    private static final byte[] P256 = HexFormat.of().parseHex("301306072a8648ce3d020106082a8648ce3d030107");

    private PemText() {}

    /**
     * A public key, Ed25519, EC or RSA.
     *
     * @param pem a text with one {@code PUBLIC KEY} block
     * @throws KbsProtocolException when it is anything else
     */
    public static PublicKey publicKey(byte[] pem) throws KbsProtocolException {
        byte[] der = single(pem, "PUBLIC KEY");
        GeneralSecurityException last = null;
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                last = e; // a key of another kind
            }
        }
        throw new KbsProtocolException("PEM: public key: expected Ed25519, EC or RSA", requireNonNull(last));
    }

    /**
     * A private key, Ed25519, EC or RSA.
     *
     * @param pem a text with one block {@code PRIVATE KEY} (PKCS#8), or {@code EC PRIVATE KEY} of a P-256 key, or
     *     {@code RSA PRIVATE KEY}; {@code EC PARAMETERS} beside it are passed over
     * @throws KbsProtocolException when it is anything else
     */
    public static PrivateKey privateKey(byte[] pem) throws KbsProtocolException {
        String text = text(pem);
        byte[] der;
        if (text.contains(begin("EC PRIVATE KEY"))) {
            der = pkcs8(P256, single(pem, "EC PRIVATE KEY"));
        } else if (text.contains(begin("RSA PRIVATE KEY"))) {
            der = pkcs8(RSA, single(pem, "RSA PRIVATE KEY"));
        } else {
            der = single(pem, "PRIVATE KEY");
        }
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                // a key of another kind; what the exception says may show the key
            }
        }
        throw new KbsProtocolException("PEM: private key: expected Ed25519, EC or RSA");
    }

    /**
     * Certificates in the order of the text, at least one.
     *
     * @throws KbsProtocolException when there is none, or one that cannot be read
     */
    public static List<X509Certificate> certificates(byte[] pem) throws KbsProtocolException {
        text(pem);
        try {
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                certificates.add((X509Certificate) certificate);
            }
            if (certificates.isEmpty()) {
                throw new KbsProtocolException("PEM: no certificate");
            }
            return List.copyOf(certificates);
        } catch (CertificateException e) {
            throw new KbsProtocolException("PEM: a certificate cannot be read", e);
        }
    }

    /** The one block of that label. */
    private static byte[] single(byte[] pem, String label) throws KbsProtocolException {
        String text = text(pem);
        String begin = begin(label);
        String end = "-----END " + label + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from || text.indexOf(begin, from + 1) >= 0) {
            throw new KbsProtocolException("PEM: expected one block \"" + label + "\"");
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
        } catch (IllegalArgumentException e) {
            throw new KbsProtocolException("PEM: the block \"" + label + "\" is not base64");
        }
    }

    private static String begin(String label) {
        return "-----BEGIN " + label + "-----";
    }

    private static String text(byte[] pem) throws KbsProtocolException {
        if (pem.length > MAX_LENGTH) {
            throw new KbsProtocolException("PEM: " + pem.length + " bytes, limit " + MAX_LENGTH);
        }
        return new String(pem, StandardCharsets.US_ASCII);
    }

    /** A traditional key's DER in PKCS#8, which is all the JDK reads. */
    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        inner.writeBytes(new byte[] {2, 1, 0}); // version 0
        inner.writeBytes(algorithm);
        inner.writeBytes(derElement(4, key)); // OCTET STRING
        return derElement(0x30, inner.toByteArray()); // SEQUENCE
    }

    private static byte[] derElement(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
