package dev.bulla.guest.layer;

import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.List;

/**
 * A layer that was read to its end and has the diff_id it should have. Its larger files are in staging until {@link
 * #publish}; closing it without deletes them.
 *
 * <p><b>Security.</b> Only {@link LayerUnpacker} makes one, after the compressed stream has ended without an exception and
 * the diff_id agreed: whoever holds one may publish it.
 */
public final class UnpackedLayer implements AutoCloseable {
    private final ObjectStore store;
    private final LayerTree tree;
    private final Digest diffId;
    private final LayerStats stats;
    private List<StagedObject> objects;

    UnpackedLayer(ObjectStore store, LayerTree tree, Digest diffId, LayerStats stats, List<StagedObject> objects) {
        this.store = store;
        this.tree = tree;
        this.diffId = diffId;
        this.stats = stats;
        this.objects = List.copyOf(objects);
    }

    /** What the layer does to the tree below it. */
    public LayerTree tree() {
        return tree;
    }

    /** The digest of its uncompressed bytes, which is the configuration's. */
    public Digest diffId() {
        return diffId;
    }

    /** What it held. */
    public LayerStats stats() {
        return stats;
    }

    /** Its files in staging, each content once; none any more once it is published or closed. */
    public List<StagedObject> objects() {
        return objects;
    }

    /** Makes its files objects of the store. */
    public void publish() throws IOException {
        store.publish(objects);
        objects = List.of();
    }

    /** Deletes what has not been published. */
    @Override
    public void close() throws IOException {
        List<StagedObject> left = objects;
        objects = List.of();
        discard(left);
    }

    static void discard(List<StagedObject> objects) throws IOException {
        IOException failure = null;
        for (StagedObject object : objects) {
            try {
                object.discard();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
