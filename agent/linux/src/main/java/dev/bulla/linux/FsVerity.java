package dev.bulla.linux;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;

/**
 * fs-verity: the kernel's own Merkle tree over a read-only file (Documentation/filesystems/fsverity.rst).
 *
 * <p>No salt, no built-in signature.
 *
 * <p><b>Security.</b> Once enabled, the file's content can no longer be changed through the file system, and every read is
 * checked against the digest that {@link #measure} gives. What is enabled is what the file held then: compare the measured
 * digest with the one that was computed from the bytes written.
 */
public interface FsVerity {
    /** The hash functions, by the kernel's numbers. */
    enum Hash {
        SHA256(1, 32),
        SHA512(2, 64);

        private final int number;
        private final int length;

        Hash(int number, int length) {
            this.number = number;
            this.length = length;
        }

        /** The kernel's number. */
        public int number() {
            return number;
        }

        /** The digest's length in bytes. */
        public int length() {
            return length;
        }
    }

    /**
     * A file's digest as the kernel keeps it.
     *
     * @param hash the hash function
     * @param hex the digest in lower-case hex
     */
    record Measurement(Hash hash, String hex) {
        public Measurement {
            requireNonNull(hash, "hash is null");
            if (hex.length() != 2 * hash.length()) {
                throw new IllegalArgumentException(
                        "fs-verity digest of " + hash.name().toLowerCase(Locale.ROOT) + " has " + hex.length()
                                + " hex digits, expected " + 2 * hash.length());
            }
        }
    }

    /** The running kernel's. */
    static FsVerity ofKernel() {
        return new KernelFsVerity();
    }

    /**
     * Makes the file immutable and computes its tree.
     *
     * @param blockSize the size of the blocks that are hashed: 4096, or a larger power of two up to the kernel's page size
     * @throws LinuxException ETXTBSY while anyone has it open for writing, EEXIST where it is enabled already; for a file
     *     system without fs-verity see {@link #isNotOffered}
     */
    void enable(OpenFile file, Hash hash, int blockSize) throws LinuxException;

    /**
     * The digest of a file on which fs-verity is enabled.
     *
     * @return empty where it is not enabled, or the file system does not have it
     */
    Optional<Measurement> measure(OpenFile file) throws LinuxException;

    /** Whether this failure of {@link #enable} says that the kernel or the file system has no fs-verity. */
    static boolean isNotOffered(LinuxException failure) {
        return failure.is(Errno.EOPNOTSUPP) || failure.is(Errno.ENOTTY) || failure.is(Errno.ENOPKG);
    }
}
