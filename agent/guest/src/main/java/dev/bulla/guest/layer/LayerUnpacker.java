package dev.bulla.guest.layer;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.oci.LayerStream;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.SplitStreamWriter;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * Unpacks the layers of one image, each in one pass in bounded memory: inflates, hashes for the diff_id, reads the archive,
 * writes every file of more than {@link #INLINE_BYTES} bytes straight into staging and keeps the rest in the tree. Several
 * threads may unpack layers with one unpacker; the limits for an image count for all of them together.
 *
 * <p><b>Security.</b> No entry touches a path of this machine: names and links are resolved in a tree in memory ({@link
 * LayerMerge}), and contents go to numbered files in staging. So no archive can write outside it, whatever it is called or
 * links to. Nothing is published before the whole layer has been read and its diff_id agrees. What verifies the compressed
 * bytes (the blob's digest, the cipher's HMAC) must throw at the end of the stream it gives; it is read to that end.
 */
public final class LayerUnpacker {
    /** Files up to this size stay in the tree, as composefs has it. */
    public static final int INLINE_BYTES = 64;

    private final ObjectStore store;
    private final Path staging;
    private final LayerLimits limits;
    private final KeepTar keepTar;
    private final LayerBudget budget;

    /**
     * An unpacker for one image, that keeps no tar.
     *
     * @param store takes the files once their layer is verified
     * @param staging the pull's folder in the store's staging
     */
    public LayerUnpacker(ObjectStore store, Path staging, LayerLimits limits) {
        this(store, staging, limits, KeepTar.NONE);
    }

    /**
     * An unpacker for one image.
     *
     * @param store takes the files once their layer is verified
     * @param staging the pull's folder in the store's staging
     * @param keepTar what else is made of each layer
     */
    public LayerUnpacker(ObjectStore store, Path staging, LayerLimits limits, KeepTar keepTar) {
        this.store = requireNonNull(store, "store is null");
        this.staging = requireNonNull(staging, "staging is null");
        this.limits = requireNonNull(limits, "limits is null");
        this.keepTar = requireNonNull(keepTar, "keepTar is null");
        this.budget = new LayerBudget(limits);
    }

    /**
     * Unpacks a layer. On any exception nothing of it is left in staging.
     *
     * @param layer the compressed layer, decrypted; read to its end, not closed
     * @param compression what the layer's media type says
     * @param diffId what the image's configuration says the uncompressed layer is
     * @throws LayerException when the layer is malformed, over a limit, hostile or another than {@code diffId}
     * @throws IOException what {@code layer} or the store throws
     */
    public UnpackedLayer unpack(InputStream layer, Compression compression, Digest diffId) throws IOException {
        return switch (keepTar) {
            case NONE ->
                guarded(pass(ArchiveSink.NONE, KnownBodies.NONE), pass -> pass.run(layer, compression, diffId));
            case FULL, DELTA -> {
                try (SplitStreamWriter writer = SplitStreamWriter.create(store, staging, ContentType.LAYER)) {
                    yield guarded(
                            pass(new StreamSink(writer), KnownBodies.NONE),
                            pass -> pass.run(layer, compression, diffId).withStream(writer.finish()));
                }
            }
        };
    }

    /**
     * Unpacks a layer that the store has a stream of: what it holds is read again and hashed to the diff_id, under the limits
     * that hold for any layer; its objects are not written again.
     *
     * @param layer the layer's tar, from a store of this unpacker's; read to its end, not closed
     * @param diffId what the stream was asked for by
     * @throws LayerException as for any layer
     * @throws IOException what the store throws, when the stream or an object is not what it is called
     */
    public UnpackedLayer unpackStored(LayerStream layer, Digest diffId) throws IOException {
        return guarded(pass(ArchiveSink.NONE, layer::objectAt), pass -> pass.run(layer, diffId));
    }

    private LayerPass pass(ArchiveSink sink, KnownBodies known) {
        return new LayerPass(store, staging, limits, budget, sink, known);
    }

    /** What is done with a pass. */
    @FunctionalInterface
    private interface Reading {
        UnpackedLayer read(LayerPass pass) throws IOException;
    }

    private static UnpackedLayer guarded(LayerPass pass, Reading reading) throws IOException {
        try {
            return reading.read(pass);
        } catch (IOException | RuntimeException | Error e) {
            try {
                pass.discard();
            } catch (IOException deletion) {
                e.addSuppressed(deletion);
            }
            throw e;
        }
    }
}
