package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

/**
 * A sigstore bundle that signs the image, as cosign 3 makes them. It names no image, only a digest, so its
 * {@code signedIdentity} can be {@link SignedIdentity.MatchDigestOnly} alone.
 *
 * @param trust what it must go back to
 */
record SigstoreBundleRequirement(BundleTrustSource trust) implements PolicyRequirement {
    static final String TYPE = "sigstoreBundle";

    SigstoreBundleRequirement {
        requireNonNull(trust, "trust is null");
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public boolean cryptographic() {
        return true;
    }
}
