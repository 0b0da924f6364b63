package dev.bulla.composefs.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a PKCS#7 signature of fs-verity signs: {@code "FSVerity"}, the hash function's number and the digest's length in bytes
 * (two bytes each, the lower first), and the digest; 44 bytes with SHA-256, 76 with SHA-512.
 *
 * <p>Follows {@code struct fsverity_formatted_digest} of the kernel's documentation. The block size does not stand in it; it
 * stands in the descriptor that the digest is the hash of.
 *
 * @param digest the digest
 */
public record FormattedDigest(VerityDigest digest) {
    private static final byte[] MAGIC = "FSVerity".getBytes(StandardCharsets.US_ASCII);
    private static final int NUMBERS_SIZE = 2 * Short.BYTES;

    public FormattedDigest {
        requireNonNull(digest, "digest is null");
    }

    /** The bytes that are signed. */
    public byte[] bytes() {
        byte[] value = digest.bytes();
        return ByteBuffer.allocate(MAGIC.length + NUMBERS_SIZE + value.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) digest.algorithm().number())
                .putShort((short) value.length)
                .put(value)
                .array();
    }
}
