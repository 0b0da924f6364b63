package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.policy.signature.SignatureCheck;
import java.util.Optional;

/**
 * What was found out about one signature.
 *
 * @param signedObject the digest of the manifest or index that it was stored for
 * @param number its place among that object's signatures, from 1
 * @param failed the first check that it failed; empty when it was accepted
 * @param reason who signed what under which name, or what failed
 */
public record SignatureDecision(Digest signedObject, int number, Optional<SignatureCheck> failed, String reason) {
    public SignatureDecision {
        requireNonNull(signedObject, "signedObject is null");
        requireNonNull(failed, "failed is null");
        requireNonNull(reason, "reason is null");
    }

    /** Whether the requirement took it. */
    public boolean accepted() {
        return failed.isEmpty();
    }
}
