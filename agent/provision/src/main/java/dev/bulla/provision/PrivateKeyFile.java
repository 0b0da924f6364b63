package dev.bulla.provision;

import dev.bulla.oci.Quoted;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Reads private keys of any kind that signs: one PEM block {@code PRIVATE KEY} (PKCS#8, unencrypted) of an RSA, ECDSA or
 * Ed25519 key.
 *
 * <p><b>Security.</b> A refusal quotes nothing of the file.
 */
public final class PrivateKeyFile {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final int MAX_FILE = 16 << 10;
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    private PrivateKeyFile() {}

    /**
     * Reads one.
     *
     * @param file its bytes; the caller wipes them
     * @param origin where they came from, for messages
     * @throws UnusableKeyException when it is none
     */
    public static PrivateKey parse(byte[] file, String origin) throws UnusableKeyException {
        String text = new String(file, 0, Math.min(file.length, MAX_FILE), StandardCharsets.ISO_8859_1);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END, Math.max(begin, 0));
        if (file.length > MAX_FILE || begin < 0 || end < 0) {
            throw new UnusableKeyException(
                    "private key " + Quoted.text(origin) + ": expected a PEM file with an unencrypted PRIVATE KEY");
        }
        byte[] der = {};
        try {
            der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
            for (String algorithm : KEY_ALGORITHMS) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (NoSuchAlgorithmException e) {
                    throw new IllegalStateException(e); // every JDK has these
                } catch (GeneralSecurityException e) {
                    // not a key of this algorithm; the next may know it
                }
            }
        } catch (IllegalArgumentException e) {
            // not base64; without the cause, which may quote the key
        } finally {
            Arrays.fill(der, (byte) 0);
        }
        throw new UnusableKeyException(
                "private key " + Quoted.text(origin) + ": not an RSA, ECDSA or Ed25519 key in PKCS#8");
    }
}
