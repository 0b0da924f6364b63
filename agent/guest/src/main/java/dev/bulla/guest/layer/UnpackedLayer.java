package dev.bulla.guest.layer;

import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

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
    private final Optional<StagedObject> stream;
    private List<StagedObject> objects;

    UnpackedLayer(ObjectStore store, LayerTree tree, Digest diffId, LayerStats stats, List<StagedObject> objects) {
        this(store, tree, diffId, stats, objects, Optional.empty());
    }

    private UnpackedLayer(
            ObjectStore store,
            LayerTree tree,
            Digest diffId,
            LayerStats stats,
            List<StagedObject> objects,
            Optional<StagedObject> stream) {
        this.store = store;
        this.tree = tree;
        this.diffId = diffId;
        this.stats = stats;
        this.objects = List.copyOf(objects);
        this.stream = stream;
    }

    /** The same with the stream that was made of it meanwhile. */
    UnpackedLayer withStream(StagedObject made) {
        return new UnpackedLayer(store, tree, diffId, stats, objects, Optional.of(made));
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

    /**
     * Its tar as a stream in staging, where one was asked for; it refers to the objects, and is published after them.
     */
    public Optional<StagedObject> stream() {
        return stream;
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
        if (stream.isPresent()) {
            stream.orElseThrow().discard();
        }
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
