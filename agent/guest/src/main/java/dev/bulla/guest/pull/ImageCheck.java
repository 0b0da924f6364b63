package dev.bulla.guest.pull;

import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.bundle.BundleException;
import dev.bulla.guest.bundle.ContentReader;
import dev.bulla.oci.ImageConfig;
import java.io.IOException;

/** Looks at a whole image while it is still in staging: what it refuses leaves nothing in the store. */
@FunctionalInterface
public interface ImageCheck {
    /** Refuses nothing. */
    ImageCheck NONE = (root, config, contents) -> {};

    /**
     * Looks.
     *
     * @param root the merged tree
     * @param config the image's configuration
     * @param contents gives the bytes of the tree's files
     * @throws BundleException when the image is refused
     */
    void check(Directory root, ImageConfig config, ContentReader contents) throws BundleException, IOException;
}
