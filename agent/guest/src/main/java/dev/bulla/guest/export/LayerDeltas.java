package dev.bulla.guest.export;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.ErofsImageReader;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.composefs.stream.SplitStreamLimits;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.composefs.stream.SplitStreamWriter;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.delta.DeltaParts;
import dev.bulla.guest.delta.DeltaSink;
import dev.bulla.guest.delta.DeltaWriter;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.TarParts;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The deltas of a store's layers: streams named {@code bulla-delta-<diff_id>} that hold a layer's tar as its {@linkplain
 * dev.bulla.guest.delta difference} from the tree of an image, which they keep by the named reference {@value #TREE}.
 */
public final class LayerDeltas {
    /** The name by which a delta refers to the image whose tree it needs. */
    public static final String TREE = "bulla.tree";

    /** What a delta's stream says it holds. */
    public static final ContentType CONTENT_TYPE = ContentType.of("bulladlt");

    private static final String PREFIX = "bulla-delta-";

    private final ObjectStore store;
    private final LayerLimits limits;

    /**
     * The deltas of a store.
     *
     * @param limits bound what a delta makes
     */
    public LayerDeltas(ObjectStore store, LayerLimits limits) {
        this.store = requireNonNull(store, "store is null");
        this.limits = requireNonNull(limits, "limits is null");
    }

    /** The name of a layer's delta among the streams. */
    public static String contentId(Digest diffId) {
        return PREFIX + diffId;
    }

    /**
     * Makes the delta of a layer, and checks that it makes the same archive again.
     *
     * @param stream the layer's splitstream, whose objects have been published
     * @param image the image whose tree is left out of it; it must stay in the store as long as the delta
     * @param tree the image's tree, as read from it
     * @param staging where the delta is staged
     * @return the delta, ready to be published under {@link #contentId}; empty where it would not be smaller than the stream
     */
    public Optional<StagedObject> make(Path stream, VerityDigest image, Directory tree, Staging staging)
            throws IOException {
        StagedObject delta = write(stream, image, tree, staging);
        boolean kept = false;
        try {
            Skeleton original;
            Skeleton rebuilt;
            try (SplitStreamReader reader = open(stream);
                    SplitStreamReader deltaReader = open(delta.file())) {
                original = Skeleton.of(new StreamParts(store, reader));
                rebuilt = Skeleton.of(new DeltaParts(new StreamParts(store, deltaReader), tree, limits));
            }
            if (!original.equals(rebuilt)) {
                throw new IllegalStateException("the delta of " + stream + " makes another archive");
            }
            kept = delta.size() < Files.size(stream);
            return kept ? Optional.of(delta) : Optional.empty();
        } finally {
            if (!kept) {
                delta.discard();
            }
        }
    }

    private StagedObject write(Path stream, VerityDigest image, Directory tree, Staging staging) throws IOException {
        try (SplitStreamReader reader = open(stream);
                SplitStreamWriter writer = SplitStreamWriter.create(store, staging.folder(), CONTENT_TYPE)) {
            writer.stream(TREE, image);
            DeltaWriter.write(new StreamParts(store, reader), tree, limits, new DeltaSink() {
                @Override
                public void bytes(byte[] bytes) throws IOException {
                    writer.inline(bytes, 0, bytes.length);
                }

                @Override
                public void object(VerityDigest digest, long size) throws IOException {
                    writer.external(digest, size);
                }
            });
            return writer.finish();
        }
    }

    private SplitStreamReader open(Path file) throws IOException {
        return SplitStreamReader.open(OpenFile.readNoFollow(file), store.algorithm(), SplitStreamLimits.LAYER);
    }

    /** A layer's delta that was opened: the archive's parts, and the file they come from. */
    record Opened(TarParts parts, SplitStreamReader stream) {}

    /** Opens the delta of a layer, if there is one. The stream is the caller's to close. */
    Optional<Opened> open(Digest diffId) throws IOException {
        Optional<VerityDigest> object = store.streams().find(contentId(diffId));
        if (object.isEmpty()) {
            return Optional.empty();
        }
        OpenFile file = store.openVerified(object.get())
                .orElseThrow(
                        () -> new BrokenLayerException(diffId, "its delta " + object.get() + " is not in the store"));
        SplitStreamReader stream;
        try {
            stream = SplitStreamReader.open(file, store.algorithm(), SplitStreamLimits.LAYER);
        } catch (SplitStreamException e) {
            throw new BrokenLayerException(diffId, "its delta: " + e.getMessage(), e);
        }
        try {
            return Optional.of(new Opened(parts(diffId, stream), stream));
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    private TarParts parts(Digest diffId, SplitStreamReader stream) throws IOException {
        if (!stream.contentType().equals(CONTENT_TYPE)) {
            throw new BrokenLayerException(
                    diffId, "its delta has content type " + stream.contentType() + ", expected " + CONTENT_TYPE);
        }
        @Nullable VerityDigest image = stream.namedReferences().get(TREE);
        if (image == null) {
            throw new BrokenLayerException(diffId, "its delta names no image");
        }
        Path file = store.find(image)
                .orElseThrow(() -> new BrokenLayerException(
                        diffId, "the image " + image + " that its delta needs is not in the store"));
        return new DeltaParts(new StreamParts(store, stream), ErofsImageReader.read(file), limits);
    }

    /** What two archives of the same bytes have in common, however they are cut into parts; no object is read. */
    private record Skeleton(long size, Digest digest) {
        static Skeleton of(TarParts parts) throws IOException {
            MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
            long size = 0;
            for (TarPart part = parts.next(); part != null; part = parts.next()) {
                switch (part) {
                    case TarPart.Bytes bytes -> hash.update(bytes.bytes());
                    case TarPart.Body body ->
                        hash.update((size + " " + body.size() + " " + body.digest()).getBytes(StandardCharsets.UTF_8));
                }
                size += part.size();
            }
            return new Skeleton(size, Digest.Algorithm.SHA256.fromBytes(hash.digest()));
        }
    }
}
