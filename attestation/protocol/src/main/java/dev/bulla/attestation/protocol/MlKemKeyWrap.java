package dev.bulla.attestation.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a content key is wrapped for an ML-KEM-768 key: draft-ietf-jose-pqc-kem-05 §5.1, ML-KEM-768+A192KW.
 *
 * <p>The draft leaves the KDF's input open; this is Trustee's and guest-components': {@code KMAC256(secret, be32(length of
 * alg) || alg || be32(192), 192 bits, "")}.
 */
final class MlKemKeyWrap {
    /** How many bytes an encapsulation has. */
    static final int ENCAPSULATION_LENGTH = 1088;

    private static final int WRAPPING_KEY_LENGTH = 24;

    private MlKemKeyWrap() {}

    /**
     * A wrapped key.
     *
     * @param encapsulation what the header's {@code ek} carries
     * @param encryptedKey the wrapped key
     */
    @SuppressWarnings("ArrayRecordComponent") // written at once; never compared
    record Wrapped(byte[] encapsulation, byte[] encryptedKey) {}

    static Wrapped wrap(byte[] key, TeePublicKey.Akp recipient, SecureRandom random) throws GeneralSecurityException {
        KEM.Encapsulated encapsulated = KEM.getInstance("ML-KEM-768")
                .newEncapsulator(recipient.toKey(), random)
                .encapsulate();
        byte[] wrappingKey = derive(encapsulated.key().getEncoded());
        try {
            Cipher cipher = Cipher.getInstance("AES/KW/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(wrappingKey, "AES"));
            return new Wrapped(encapsulated.encapsulation(), cipher.doFinal(key));
        } finally {
            Arrays.fill(wrappingKey, (byte) 0);
        }
    }

    static byte[] unwrap(byte[] encapsulation, byte[] encryptedKey, TeeKeyPair recipient)
            throws GeneralSecurityException {
        byte[] wrappingKey;
        try {
            wrappingKey = derive(KEM.getInstance("ML-KEM-768")
                    .newDecapsulator(recipient.privateKey())
                    .decapsulate(encapsulation)
                    .getEncoded());
        } catch (DecapsulateException e) {
            throw new GeneralSecurityException(e);
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/KW/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(wrappingKey, "AES"));
            return cipher.doFinal(encryptedKey);
        } finally {
            Arrays.fill(wrappingKey, (byte) 0);
        }
    }

    /** The wrapping key of a shared secret, which is wiped. */
    static byte[] derive(byte[] secret) {
        byte[] algorithm = TeePublicKey.Akp.ALGORITHM.getBytes(StandardCharsets.US_ASCII);
        byte[] info = ByteBuffer.allocate(4 + algorithm.length + 4)
                .putInt(algorithm.length)
                .put(algorithm)
                .putInt(WRAPPING_KEY_LENGTH * 8)
                .array();
        try {
            return Kmac256.mac(secret, info, WRAPPING_KEY_LENGTH, new byte[0]);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
