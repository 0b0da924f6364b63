package dev.bulla.guest.pull;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.guest.layer.KeepTar;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.XattrSelection;
import dev.bulla.oci.Platform;
import java.nio.file.Path;

/**
 * What is to be pulled, and to where.
 *
 * @param name the image, as the user calls it
 * @param platform what it is to run on
 * @param store the store's folder
 * @param format the image's format
 * @param xattrs which extended attributes the image keeps; part of its digest
 * @param keepTar what is kept of the layers themselves
 * @param limits how much a layer may hold
 * @param storeExposureAccepted whether plaintext of encrypted layers may go to storage that the host can read
 * @param layerImages whether an image is made of each layer too
 */
public record PullRequest(
        ImageName name,
        Platform platform,
        Path store,
        FormatVersion format,
        XattrSelection xattrs,
        KeepTar keepTar,
        LayerLimits limits,
        boolean storeExposureAccepted,
        boolean layerImages) {
    public PullRequest {
        requireNonNull(name, "name is null");
        requireNonNull(platform, "platform is null");
        requireNonNull(store, "store is null");
        requireNonNull(format, "format is null");
        requireNonNull(xattrs, "xattrs is null");
        requireNonNull(keepTar, "keepTar is null");
        requireNonNull(limits, "limits is null");
    }
}
