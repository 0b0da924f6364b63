/**
 * Signatures of docker/libtrust, as Docker's schema 1 manifests carry them, and the authorisation graph that says which key
 * may sign which name space (moby issue 8093, docker/libtrust trustgraph).
 *
 * <p>{@link dev.bulla.policy.libtrust.VerifiedPayload} is what was signed, {@link dev.bulla.policy.libtrust.Statement} what
 * an authority signed, {@link dev.bulla.policy.libtrust.TrustGraph} what several statements come to.
 */
@NullMarked
package dev.bulla.policy.libtrust;

import org.jspecify.annotations.NullMarked;
