package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;

/**
 * A signature that passed every check.
 *
 * @param key whose it is
 * @param signedReference the name that was signed
 * @param signedObject the digest that was signed
 * @param identity the rule that took the name
 */
record VerifiedSignature(
        VerificationKey key, ImageReference signedReference, Digest signedObject, SignedIdentity identity) {
    VerifiedSignature {
        requireNonNull(key, "key is null");
        requireNonNull(signedReference, "signedReference is null");
        requireNonNull(signedObject, "signedObject is null");
        requireNonNull(identity, "identity is null");
    }

    @Override
    public String toString() {
        return "signed by " + key + " as " + signedReference + " (" + identity.type() + ")";
    }
}
