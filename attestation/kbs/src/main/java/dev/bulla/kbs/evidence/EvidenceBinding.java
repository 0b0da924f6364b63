package dev.bulla.kbs.evidence;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What evidence must carry to be a guest's answer to one challenge.
 *
 * @param reportData the hash of the runtime data, 32, 48 or 64 bytes; a TEE with a longer field fills it with zeros
 * @param initDataDigest the digest of the initdata that the guest sent, where it sent one; a TEE cuts it, or fills it with
 *     zeros, to its field
 */
@SuppressWarnings("ArrayRecordComponent") // read by one verifier; never compared
public record EvidenceBinding(byte[] reportData, Optional<byte[]> initDataDigest) {
    public EvidenceBinding {
        requireNonNull(reportData, "reportData is null");
        requireNonNull(initDataDigest, "initDataDigest is null");
    }

    /** A binding without initdata. */
    public static EvidenceBinding of(byte[] reportData) {
        return new EvidenceBinding(reportData, Optional.empty());
    }
}
