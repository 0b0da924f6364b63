package dev.bulla.composefs;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import java.util.HexFormat;

/**
 * An fs-verity file digest: the hash of the fs-verity descriptor, which holds the file's size and the root of its Merkle
 * tree. It names a content file in an object store and proves it when the kernel opens it.
 *
 * <p>Not the digest of the file's bytes; {@link FsVerityDigester} computes it. Always 4096-byte blocks, never a salt.
 *
 * <p><b>Security.</b> Lower-case hex of exact length, so a digest is safe as a path and two equal digests are equal texts.
 *
 * @param algorithm the hash function of the tree and of the descriptor
 * @param hex the value in lower-case hex
 */
public record VerityDigest(Digest.Algorithm algorithm, String hex) {

    public VerityDigest {
        requireNonNull(algorithm, "algorithm is null");
        int digits = algorithm.length() * 2;
        if (hex.length() != digits || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("not " + digits + " lower-case hex digits: " + hex);
        }
    }

    /** The digest whose value is {@code value}. */
    public static VerityDigest fromBytes(Digest.Algorithm algorithm, byte[] value) {
        return new VerityDigest(algorithm, HexFormat.of().formatHex(value));
    }

    /** The value's bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** Where an object store keeps the file, below its folder: {@code xx/} and the remaining digits. */
    public String objectPath() {
        return hex.substring(0, 2) + "/" + hex.substring(2);
    }

    /** The hex digits alone, as composefs writes a digest everywhere. */
    @Override
    public String toString() {
        return hex;
    }
}
