package dev.bulla.policy;

import dev.bulla.oci.Digest;
import java.util.Set;

/**
 * What an accepted image must still turn out to be: a sealed image with one of these fs-verity digests. Its documents are none
 * that policy expects, so it is its files that decide.
 *
 * @param digests the hash function and value of each, {@code sha256:…}
 */
public record RequiredComposefs(Set<Digest> digests) {
    public RequiredComposefs {
        digests = Set.copyOf(digests);
    }
}
