package dev.bulla.composefs;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An fs-verity file digest: the hash of the fs-verity descriptor, which holds the file's size and the root of its Merkle
 * tree. It names a content file in an object store and proves it when the kernel opens it.
 *
 * <p>Not the digest of the file's bytes; {@link FsVerityDigester} computes it. Never with a salt.
 *
 * <p><b>Security.</b> Lower-case hex of exact length, so a digest is safe as a path and two equal digests are equal texts.
 */
public final class VerityDigest {
    private final VerityAlgorithm algorithm;
    /** The value; half of what its text would take, and an image has one for nearly every file. */
    private final byte[] value;

    /**
     * @param algorithm how it was computed
     * @param hex the value in lower-case hex
     */
    public VerityDigest(VerityAlgorithm algorithm, String hex) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        int digits = algorithm.length() * 2;
        if (hex.length() != digits || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("not " + digits + " lower-case hex digits: " + hex);
        }
        this.value = HexFormat.of().parseHex(hex);
    }

    private VerityDigest(VerityAlgorithm algorithm, byte[] value) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        if (value.length != algorithm.length()) {
            throw new IllegalArgumentException("digest of " + value.length + " bytes, expected " + algorithm.length());
        }
        this.value = value;
    }

    /** The digest whose value is {@code value}. */
    public static VerityDigest fromBytes(VerityAlgorithm algorithm, byte[] value) {
        return new VerityDigest(algorithm, value.clone());
    }

    /** How it was computed. */
    public VerityAlgorithm algorithm() {
        return algorithm;
    }

    /** The value in lower-case hex. */
    public String hex() {
        return HexFormat.of().formatHex(value);
    }

    /** The value's bytes. */
    public byte[] bytes() {
        return value.clone();
    }

    /** Where an object store keeps the file, below its folder: {@code xx/} and the remaining digits. */
    public String objectPath() {
        String hex = hex();
        return hex.substring(0, 2) + "/" + hex.substring(2);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VerityDigest that && algorithm == that.algorithm && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    /** The hex digits alone, as composefs writes a digest everywhere. */
    @Override
    public String toString() {
        return hex();
    }
}
