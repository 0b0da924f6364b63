package dev.bulla.guest.seal;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.guest.layer.CanonicalMapping;
import dev.bulla.guest.layer.CanonicalMappingException;
import dev.bulla.guest.layer.LayerImageTree;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerTree;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The images of an image's layers, each of its layer's own tree, format V1: what {@code composefs.layer.…} entries of seals
 * name. Staged, and then published under {@code images/} with a name for each, so that they are kept.
 */
public final class LayerImages {
    private final Map<Digest, StagedObject> staged = new LinkedHashMap<>();
    private final SortedMap<String, String> without = new TreeMap<>();

    /** No images. */
    public LayerImages() {}

    /**
     * Makes the image of a layer, unless it was made already.
     *
     * @param staging the pull's folder in the store's staging; what is in it goes with it
     */
    public void stage(Digest diffId, LayerTree layer, ObjectStore store, Path staging, LayerLimits limits)
            throws IOException {
        if (staged.containsKey(diffId) || without.containsKey(diffId.toString())) {
            return;
        }
        try (StagedFile file = store.stage(staging)) {
            ErofsImageWriter.write(LayerImageTree.of(layer, CanonicalMapping.DEFAULT, limits), FormatVersion.V1, file);
            staged.put(diffId, file.finish());
        } catch (CanonicalMappingException e) {
            without.put(diffId.toString(), e.getMessage());
        }
    }

    /**
     * Makes them images of the store, after the objects of their layers.
     *
     * @return the images' digests by the layers' diff_ids
     */
    public SortedMap<String, VerityDigest> publish(ObjectStore store) throws IOException {
        SortedMap<String, VerityDigest> images = new TreeMap<>();
        for (Map.Entry<Digest, StagedObject> image : staged.entrySet()) {
            VerityDigest digest = store.publishImage(image.getValue());
            store.references().put(referenceName(image.getKey()), digest);
            images.put(image.getKey().toString(), digest);
        }
        staged.clear();
        return images;
    }

    /** Layers that have no image of their own, and why. */
    public SortedMap<String, String> without() {
        return without;
    }

    /** The name that keeps a layer's image. */
    public static String referenceName(Digest diffId) {
        return "layer@" + diffId;
    }
}
