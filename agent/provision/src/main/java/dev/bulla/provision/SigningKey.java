package dev.bulla.provision;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * A key that signs images: ECDSA on P-256 with SHA-256, as cosign's. Read from and written to PEM, PKCS#8, unencrypted.
 *
 * <p><b>Security.</b> Redacts itself.
 */
public final class SigningKey {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final int FIELD_BITS = 256;
    private static final int MAX_FILE = 16 << 10;

    private final PrivateKey key;

    private SigningKey(PrivateKey key) {
        this.key = key;
    }

    /** A new key. */
    public static Generated generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            return new Generated(new SigningKey(pair.getPrivate()), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /**
     * A key pair that was just made.
     *
     * @param key what signs
     * @param publicKey what verifies
     */
    public record Generated(SigningKey key, PublicKey publicKey) {
        /** The public key in PEM, as policies name it. */
        public String publicPem() {
            return pem("PUBLIC KEY", publicKey.getEncoded());
        }
    }

    /**
     * Reads a key file.
     *
     * @param file its bytes; the caller wipes them
     * @throws UnusableKeyException when it is not an unencrypted PKCS#8 PEM of such a key
     */
    public static SigningKey parse(byte[] file) throws UnusableKeyException {
        String text = new String(file, 0, Math.min(file.length, MAX_FILE), StandardCharsets.ISO_8859_1);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END, Math.max(begin, 0));
        if (file.length > MAX_FILE || begin < 0 || end < 0) {
            throw new UnusableKeyException("signing key: expected a PEM file with an unencrypted PRIVATE KEY");
        }
        byte[] der = {};
        try {
            der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            if (!(key instanceof ECPrivateKey ec)
                    || ec.getParams().getCurve().getField().getFieldSize() != FIELD_BITS) {
                throw new UnusableKeyException("signing key: an EC key on another curve than P-256");
            }
            return new SigningKey(key);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // without the cause, which may quote the key
            throw new UnusableKeyException("signing key: not an EC key on P-256 in PKCS#8");
        } finally {
            Arrays.fill(der, (byte) 0);
        }
    }

    /** The key in PEM. */
    public byte[] toPem() {
        return pem("PRIVATE KEY", key.getEncoded()).getBytes(StandardCharsets.US_ASCII);
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** The signature over a message, DER. */
    byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the key was checked
        }
    }

    @Override
    public String toString() {
        return "SigningKey[redacted]";
    }
}
