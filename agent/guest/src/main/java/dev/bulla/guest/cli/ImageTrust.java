package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.policy.Policy;
import java.util.Optional;

/**
 * What the measured configuration and the command line say about trust in images that are there.
 *
 * @param keys whose signatures over image digests are believed; without any, none is asked for
 * @param policy the policy that was named
 */
record ImageTrust(Optional<TrustedKeys> keys, Optional<Policy> policy) {
    ImageTrust {
        requireNonNull(keys, "keys is null");
        requireNonNull(policy, "policy is null");
    }
}
