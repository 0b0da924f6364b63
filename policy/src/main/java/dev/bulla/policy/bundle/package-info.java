/**
 * Sigstore bundles, v0.1 to v0.3: a signature with everything that is needed to verify it, without the network.
 *
 * <p>{@link dev.bulla.policy.bundle.SigstoreBundle} is one that was parsed, {@link dev.bulla.policy.bundle.TrustedRoot} the logs
 * and authorities of one instance of sigstore, {@link dev.bulla.policy.bundle.BundleTrust} what a bundle must go back to, and
 * {@link dev.bulla.policy.bundle.BundleVerifier} gives a {@link dev.bulla.policy.bundle.VerifiedBundle} or refuses. The law is
 * sigstore/protobuf-specs, the sigstore client specification, RFC 6962, RFC 3161 and C2SP's signed notes.
 *
 * <p><b>Security.</b> A bundle is the adversary's. What it says of itself (hints, digests, indices, times) is believed only
 * where a log, an authority or a key that the policy trusts has signed it.
 */
@NullMarked
package dev.bulla.policy.bundle;

import org.jspecify.annotations.NullMarked;
