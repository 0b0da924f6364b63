package dev.bulla.policy.signature;

import dev.bulla.oci.Quoted;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Reads X.509 certificates, DER or PEM (RFC 7468: blocks {@code CERTIFICATE}; text between blocks is passed over, a block of
 * another kind is refused).
 */
public final class Certificates {
    /** The most certificates of one file or chain. */
    public static final int MAX_CERTIFICATES = 64;

    /** The most bytes of one certificate. */
    public static final int MAX_LENGTH = 64 * 1024;

    private static final String BEGIN = "-----BEGIN ";
    private static final String BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
    private static final String END_CERTIFICATE = "-----END CERTIFICATE-----";

    private Certificates() {}

    /**
     * The certificates of a PEM file, in its order.
     *
     * @return at least one
     * @throws CertificateException when there is none, or one is malformed
     */
    public static List<X509Certificate> pem(byte[] pem) throws CertificateException {
        List<X509Certificate> certificates = new ArrayList<>();
        StringBuilder block = new StringBuilder();
        boolean inBlock = false;
        for (String line : new String(pem, StandardCharsets.ISO_8859_1).lines().toList()) {
            String text = line.strip();
            if (inBlock) {
                if (text.equals(END_CERTIFICATE)) {
                    certificates.add(der(base64(block.toString())));
                    requireCount(certificates.size());
                    inBlock = false;
                } else {
                    block.append(text);
                }
            } else if (text.equals(BEGIN_CERTIFICATE)) {
                inBlock = true;
                block.setLength(0);
            } else if (text.startsWith(BEGIN)) {
                throw new CertificateException("a PEM block " + Quoted.text(text) + ", expected CERTIFICATE");
            }
        }
        if (inBlock) {
            throw new CertificateException("a PEM block without its end");
        }
        if (certificates.isEmpty()) {
            throw new CertificateException("no PEM block CERTIFICATE");
        }
        return List.copyOf(certificates);
    }

    /**
     * One certificate in DER, of exactly these bytes.
     *
     * @throws CertificateException when it is malformed, too long, or bytes follow it
     */
    public static X509Certificate der(byte[] der) throws CertificateException {
        if (der.length > MAX_LENGTH) {
            throw new CertificateException("a certificate of " + der.length + " bytes, limit " + MAX_LENGTH);
        }
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        if (!Arrays.equals(certificate.getEncoded(), der)) {
            throw new CertificateException("a certificate with bytes after it, or not in DER");
        }
        return certificate;
    }

    private static void requireCount(int count) throws CertificateException {
        if (count > MAX_CERTIFICATES) {
            throw new CertificateException("more than " + MAX_CERTIFICATES + " certificates");
        }
    }

    private static byte[] base64(String text) throws CertificateException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new CertificateException("a PEM block that is not base64", e);
        }
    }
}
