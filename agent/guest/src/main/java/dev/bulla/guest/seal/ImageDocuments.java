package dev.bulla.guest.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Manifest;

/**
 * An image's documents, as received and as read.
 *
 * @param descriptor the manifest's media type, digest and size
 * @param manifestBytes the manifest's bytes, which have that digest
 * @param manifest the manifest, read from them
 * @param configBytes the configuration's bytes, which have the digest that the manifest says
 * @param config the configuration, read from them
 */
@SuppressWarnings("ArrayRecordComponent") // read by this package alone, which changes nothing
public record ImageDocuments(
        Descriptor descriptor, byte[] manifestBytes, Manifest manifest, byte[] configBytes, ImageConfig config) {
    public ImageDocuments {
        requireNonNull(descriptor, "descriptor is null");
        requireNonNull(manifest, "manifest is null");
        requireNonNull(config, "config is null");
    }
}
