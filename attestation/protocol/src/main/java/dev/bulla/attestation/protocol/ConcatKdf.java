package dev.bulla.attestation.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** The key derivation of ECDH-ES, RFC 7518 §4.6.2: NIST SP 800-56A's Concat KDF with SHA-256. */
final class ConcatKdf {
    private ConcatKdf() {}

    /**
     * The key that follows from a shared secret.
     *
     * @param secret what both sides agreed on, Z
     * @param algorithm the algorithm the key is for
     * @param partyU the producer's information, may be empty
     * @param partyV the recipient's
     * @param bits the key's length, at most 256
     */
    static byte[] derive(byte[] secret, String algorithm, byte[] partyU, byte[] partyV, int bits) {
        if (bits <= 0 || bits > 256 || bits % 8 != 0) {
            throw new IllegalArgumentException("a key of " + bits + " bits, expected one block of at most 256");
        }
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update(int32(1));
            hash.update(secret);
            updateWithLength(hash, algorithm.getBytes(StandardCharsets.US_ASCII));
            updateWithLength(hash, partyU);
            updateWithLength(hash, partyV);
            hash.update(int32(bits));
            byte[] block = hash.digest();
            byte[] key = Arrays.copyOf(block, bits / 8);
            Arrays.fill(block, (byte) 0);
            return key;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private static void updateWithLength(MessageDigest hash, byte[] bytes) {
        hash.update(int32(bytes.length));
        hash.update(bytes);
    }

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }
}
