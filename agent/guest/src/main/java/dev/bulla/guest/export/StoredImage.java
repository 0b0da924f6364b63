package dev.bulla.guest.export;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.oci.StoredDocument;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.guest.pull.ContentException;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.LayerMediaType;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.util.Optional;

/**
 * An image's manifest and configuration as they were received.
 *
 * @param manifestBytes the manifest's bytes
 * @param manifest what they say
 * @param manifestDigest their digest
 * @param configBytes the configuration's bytes
 * @param config what they say
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that were hashed, changed by nobody
public record StoredImage(
        byte[] manifestBytes, Manifest manifest, Digest manifestDigest, byte[] configBytes, ImageConfig config) {
    public StoredImage {
        requireNonNull(manifest, "manifest is null");
    }

    /**
     * Reads an image of a store.
     *
     * @return the image, if the store keeps its manifest
     * @throws OciException when a document is malformed
     * @throws ContentException when manifest and configuration do not fit together
     * @throws IOException when a document is not what its digest says, or the configuration is missing
     */
    public static Optional<StoredImage> find(OciStreams streams, Digest manifestDigest)
            throws IOException, OciException, ContentException {
        Optional<StoredDocument> stored = streams.manifest(manifestDigest);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        byte[] manifestBytes = stored.get().bytes();
        if (!(ManifestOrIndex.parse(manifestBytes, Optional.empty()) instanceof Manifest manifest)) {
            throw new OciException("manifest " + manifestDigest + ": an index, expected the manifest of one image");
        }
        Digest configDigest = manifest.config().digest();
        byte[] configBytes = streams.config(configDigest)
                .orElseThrow(() -> new StoreException(
                        "store: no configuration " + configDigest + " for manifest " + manifestDigest))
                .bytes();
        ImageConfig config = ImageConfig.parse(configBytes);
        if (config.diffIds().size() != manifest.layers().size()) {
            throw new ContentException("image config " + configDigest + ": got "
                    + config.diffIds().size() + " diff_ids, expected one for each of the manifest's "
                    + manifest.layers().size() + " layers");
        }
        return Optional.of(new StoredImage(manifestBytes, manifest, manifestDigest, configBytes, config));
    }

    /** Whether any of its layers was encrypted in the registry. */
    public boolean encrypted() {
        return manifest.layers().stream().anyMatch(StoredImage::isEncrypted);
    }

    /** Whether it has this layer, encrypted in the registry. */
    public boolean hasEncrypted(Digest diffId) {
        for (int i = 0; i < config.diffIds().size(); i++) {
            if (config.diffIds().get(i).equals(diffId)
                    && isEncrypted(manifest.layers().get(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isEncrypted(Descriptor layer) {
        return LayerMediaType.parse(layer.mediaType())
                .filter(type -> !type.encrypted())
                .isEmpty();
    }

    /** Whether the blobs of its layers are the layers' tars as they are, so that a copy can keep the manifest. */
    public boolean hasPlainLayers() {
        for (int i = 0; i < config.diffIds().size(); i++) {
            if (!manifest.layers().get(i).digest().equals(config.diffIds().get(i))) {
                return false;
            }
        }
        return true;
    }
}
