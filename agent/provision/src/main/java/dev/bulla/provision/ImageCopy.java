package dev.bulla.provision;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Index;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.NotFoundException;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Copies an image as it is, byte for byte: the manifest or the index with all its manifests, their blobs, and the cosign
 * signatures that the source holds for any of them.
 */
public final class ImageCopy {
    private final ImageSource source;
    private final ImageDestination destination;

    public ImageCopy(ImageSource source, ImageDestination destination) {
        this.source = source;
        this.destination = destination;
    }

    /**
     * Copies an image.
     *
     * @param image what the source gave for its name
     * @param tag the tag that is to name it at the destination
     * @return its descriptor, and how many signatures came with it
     * @throws OciException when a manifest is malformed
     */
    public Copied copy(FetchedManifest image, Optional<String> tag) throws IOException, OciException {
        Set<Digest> manifests = new LinkedHashSet<>();
        Descriptor descriptor = copyTree(image, tag, manifests);
        int signatures = 0;
        for (Digest manifest : manifests) {
            String signatureTag = CosignSignature.tagOf(manifest);
            Optional<FetchedManifest> signature = find(signatureTag);
            if (signature.isPresent()) {
                copyTree(signature.get(), Optional.of(signatureTag), new LinkedHashSet<>());
                signatures++;
            }
        }
        return new Copied(descriptor, signatures);
    }

    /**
     * What was copied.
     *
     * @param image the image's descriptor
     * @param signatures for how many of its manifests a signature came along
     */
    public record Copied(Descriptor image, int signatures) {}

    private Optional<FetchedManifest> find(String tag) throws IOException {
        try {
            return Optional.of(source.fetchByTag(tag));
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    private Descriptor copyTree(FetchedManifest image, Optional<String> tag, Set<Digest> manifests)
            throws IOException, OciException {
        ManifestOrIndex parsed = ManifestOrIndex.parse(image.bytes(), image.mediaType());
        switch (parsed) {
            case Index index -> {
                for (Descriptor entry : index.manifests()) {
                    FetchedManifest child = source.fetchByDigest(entry.digest());
                    copyTree(child, Optional.empty(), manifests);
                }
            }
            case Manifest manifest -> {
                for (Descriptor layer : manifest.layers()) {
                    destination.putBlob(layer, () -> source.openBlob(layer));
                }
                destination.putBlob(manifest.config(), () -> source.openBlob(manifest.config()));
            }
        }
        manifests.add(image.digest());
        return destination.putManifest(parsed.mediaType(), image.bytes(), tag);
    }
}
