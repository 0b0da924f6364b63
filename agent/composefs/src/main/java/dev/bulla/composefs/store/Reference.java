package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;

/**
 * A name for an image in the store.
 *
 * @param name the image's name as it was pulled
 * @param image the digest of the image
 */
public record Reference(String name, VerityDigest image) {
    public Reference {
        requireNonNull(name, "name is null");
        requireNonNull(image, "image is null");
    }
}
