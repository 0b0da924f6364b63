package dev.bulla.guest.pull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.oci.ImageConfig;

/**
 * An image that was pulled and sealed.
 *
 * @param digest the fs-verity digest of its composefs image, which is its identity in the guest
 * @param root its root tree
 * @param config its configuration
 * @param result what the user is told
 */
public record PulledImage(VerityDigest digest, Directory root, ImageConfig config, PullResult result) {}
