package dev.bulla.composefs;

import dev.bulla.oci.Digest;
import java.util.Optional;

/**
 * How an fs-verity digest is computed: the hash function, and the size of the blocks that are hashed. Both are part of the
 * digest, so a store has one of these.
 *
 * <p>The names are composefs's, {@code fsverity-sha256-12}: the hash function and the block size's logarithm.
 */
public enum VerityAlgorithm {
    /** SHA-256 over blocks of 4 KiB. Ours, where nothing else is asked for. */
    SHA256_4K(Digest.Algorithm.SHA256, 12),
    /** SHA-512 over blocks of 4 KiB: what composefs's own repositories have by default. */
    SHA512_4K(Digest.Algorithm.SHA512, 12),
    /** SHA-256 over blocks of 64 KiB, which only kernels with pages of that size can enforce. */
    SHA256_64K(Digest.Algorithm.SHA256, 16),
    /** SHA-512 over blocks of 64 KiB, which only kernels with pages of that size can enforce. */
    SHA512_64K(Digest.Algorithm.SHA512, 16);

    private final Digest.Algorithm hash;
    private final int blockBits;

    VerityAlgorithm(Digest.Algorithm hash, int blockBits) {
        this.hash = hash;
        this.blockBits = blockBits;
    }

    /** The one of this hash function over blocks of 4 KiB. */
    public static VerityAlgorithm of(Digest.Algorithm hash) {
        return switch (hash) {
            case SHA256 -> SHA256_4K;
            case SHA512 -> SHA512_4K;
        };
    }

    /** The one of this name, {@code fsverity-sha512-12}. */
    public static Optional<VerityAlgorithm> parse(String id) {
        for (VerityAlgorithm algorithm : values()) {
            if (algorithm.id().equals(id)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** Its name, {@code fsverity-sha256-12}. */
    public String id() {
        return "fsverity-" + hash.id() + "-" + blockBits;
    }

    /** The hash function of the tree and of the descriptor. */
    public Digest.Algorithm hash() {
        return hash;
    }

    /** The logarithm of the block size to the base of 2. */
    public int blockBits() {
        return blockBits;
    }

    /** The size of a block of data and of a tree block, in bytes. */
    public int blockSize() {
        return 1 << blockBits;
    }

    /** The digest's length in bytes. */
    public int length() {
        return hash.length();
    }

    /** The kernel's number of the hash function. */
    public int number() {
        return switch (hash) {
            case SHA256 -> 1;
            case SHA512 -> 2;
        };
    }

    @Override
    public String toString() {
        return id();
    }
}
