package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.oci.Digest;

/**
 * All that decides which image is made: a configuration, whose diff_ids fix the layers, and how a tree and an image are made
 * of them.
 *
 * @param configDigest the configuration's digest
 * @param mapping the name of the mapping from layers to a tree, {@code faithful}
 * @param format the image's format
 * @param algorithm how fs-verity digests are computed
 */
public record ImageIdentity(Digest configDigest, String mapping, FormatVersion format, VerityAlgorithm algorithm) {
    public ImageIdentity {
        requireNonNull(configDigest, "configDigest is null");
        requireNonNull(mapping, "mapping is null");
        requireNonNull(format, "format is null");
        requireNonNull(algorithm, "algorithm is null");
    }

    /** The four, in one line that nothing else has. */
    @Override
    public String toString() {
        return configDigest + " " + mapping + " " + format + " " + algorithm;
    }
}
