package dev.bulla.attestation.protocol.eventlog;

import static java.util.Objects.requireNonNull;

/**
 * One digest of an entry.
 *
 * @param algorithm the hash
 * @param bytes the digest, as long as the hash's are
 */
@SuppressWarnings("ArrayRecordComponent") // extended into a register; never compared
public record EventDigest(DigestAlgorithm algorithm, byte[] bytes) {
    public EventDigest {
        requireNonNull(algorithm, "algorithm is null");
        if (bytes.length != algorithm.size()) {
            throw new IllegalArgumentException(
                    algorithm.text() + " digest of " + bytes.length + " bytes, expected " + algorithm.size());
        }
    }
}
