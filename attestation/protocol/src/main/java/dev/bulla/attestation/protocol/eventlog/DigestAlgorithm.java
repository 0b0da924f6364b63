package dev.bulla.attestation.protocol.eventlog;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A hash of the TCG algorithm registry that an event log may carry. */
public enum DigestAlgorithm {
    SHA1(0x04, 20, "SHA-1", null),
    SHA256(0x0b, 32, "SHA-256", HashAlgorithm.SHA256),
    SHA384(0x0c, 48, "SHA-384", HashAlgorithm.SHA384),
    SHA512(0x0d, 64, "SHA-512", HashAlgorithm.SHA512),
    SM3(0x12, 32, "SM3", null);

    private final int id;
    private final int size;
    private final String text;
    private final Optional<HashAlgorithm> hash;

    DigestAlgorithm(int id, int size, String text, @Nullable HashAlgorithm hash) {
        this.id = id;
        this.size = size;
        this.text = text;
        this.hash = Optional.ofNullable(hash);
    }

    /** The registry's number, 16 bits. */
    public int id() {
        return id;
    }

    /** The length of a digest in bytes. */
    public int size() {
        return size;
    }

    /** The name in claims, such as {@code SHA-384}. */
    public String text() {
        return text;
    }

    /** The hash itself, where we compute it: SHA-1 is too weak to vouch for anything, and the JDK has no SM3. */
    public Optional<HashAlgorithm> hash() {
        return hash;
    }

    /** The algorithm of that number, if it is one of these. */
    public static Optional<DigestAlgorithm> of(int id) {
        for (DigestAlgorithm algorithm : values()) {
            if (algorithm.id == id) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** What an event log calls that hash. */
    public static DigestAlgorithm of(HashAlgorithm hash) {
        return switch (hash) {
            case SHA256 -> SHA256;
            case SHA384 -> SHA384;
            case SHA512 -> SHA512;
        };
    }
}
