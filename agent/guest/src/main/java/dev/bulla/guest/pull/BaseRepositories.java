package dev.bulla.guest.pull;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ImageReference;
import dev.bulla.policy.SignatureSource;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.RegistryException;

/** Opens the repositories that base images are in; only those are asked for that policy names or matches. */
@FunctionalInterface
public interface BaseRepositories {

    /**
     * A repository that was opened.
     *
     * @param images its images; the caller closes it
     * @param signatures their signatures
     */
    record Repository(ImageSource images, SignatureSource signatures) {
        public Repository {
            requireNonNull(images, "images is null");
            requireNonNull(signatures, "signatures is null");
        }
    }

    /** Opens a repository; nothing need be sent yet. */
    Repository open(ImageReference reference) throws RegistryException;
}
