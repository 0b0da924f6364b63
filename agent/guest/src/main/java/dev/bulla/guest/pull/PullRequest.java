package dev.bulla.guest.pull;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.oci.Platform;
import java.nio.file.Path;

/**
 * What is to be pulled, and to where.
 *
 * @param name the image, as the user calls it
 * @param platform what it is to run on
 * @param store the store's folder
 * @param verityAlgorithm how fs-verity digests are computed
 * @param limits how much a layer may hold
 * @param storeExposureAccepted whether plaintext of encrypted layers may go to storage that the host can read
 * @param layerImages whether an image is made of each layer too
 */
public record PullRequest(
        ImageName name,
        Platform platform,
        Path store,
        VerityAlgorithm verityAlgorithm,
        LayerLimits limits,
        boolean storeExposureAccepted,
        boolean layerImages) {
    public PullRequest {
        requireNonNull(name, "name is null");
        requireNonNull(platform, "platform is null");
        requireNonNull(store, "store is null");
        requireNonNull(verityAlgorithm, "verityAlgorithm is null");
        requireNonNull(limits, "limits is null");
    }
}
