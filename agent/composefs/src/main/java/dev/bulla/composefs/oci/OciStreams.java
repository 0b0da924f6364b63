package dev.bulla.composefs.oci;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.RefNames;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.Part;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.composefs.stream.SplitStreamLimits;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.composefs.stream.SplitStreamWriter;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The OCI images of a store.
 *
 * <p><b>Security.</b> A manifest or config is given out after its bytes have been hashed to the digest it was asked for by,
 * and nothing parses it before; a layer's bytes are compared with its diff_id at their end. Neither a link, nor a named
 * reference, nor a verity digest that stands in the store is believed: the stream's file is measured, or hashed, to be the
 * object its link says, and then proves nothing but that.
 */
public final class OciStreams {
    /** The most bytes of a manifest or config. */
    public static final int MAX_DOCUMENT = 1 << 22;

    private static final int MAX_DOCUMENT_STREAM = 1 << 23;
    private static final String MANIFEST = "oci-manifest-";
    private static final String CONFIG = "oci-config-";
    private static final String LAYER = "oci-layer-";
    private static final String TAGS = "oci/";

    private final ObjectStore store;

    public OciStreams(ObjectStore store) {
        this.store = requireNonNull(store, "store is null");
    }

    /** The name of a manifest's stream. */
    public static String manifestId(Digest digest) {
        return MANIFEST + digest;
    }

    /** The name of a config's stream. */
    public static String configId(Digest digest) {
        return CONFIG + digest;
    }

    /** The name of a layer's stream. */
    public static String layerId(Digest diffId) {
        return LAYER + diffId;
    }

    /** The name by which a manifest's stream refers to its config's stream. */
    public static String configReference(Digest digest) {
        return "config:" + digest;
    }

    /**
     * Stores a config, in place of the stream it has.
     *
     * @param staging where it is written first
     * @param json its bytes, which are hashed
     * @param named the layers' streams by their diff_ids, and images that it keeps
     * @return the digest of its stream, by which a manifest refers to it
     * @throws StoreException when the bytes are not those of the digest
     */
    public VerityDigest putConfig(Staging staging, Digest digest, byte[] json, SortedMap<String, VerityDigest> named)
            throws IOException {
        return put(staging, digest, json, named, ContentType.CONFIG, configId(digest));
    }

    /**
     * Stores a manifest, in place of the stream it has.
     *
     * @param staging where it is written first
     * @param json its bytes, which are hashed
     * @param named the config's stream by its {@linkplain #configReference reference}, and the layers' by their diff_ids
     * @return the digest of its stream
     * @throws StoreException when the bytes are not those of the digest
     */
    public VerityDigest putManifest(Staging staging, Digest digest, byte[] json, SortedMap<String, VerityDigest> named)
            throws IOException {
        return put(staging, digest, json, named, ContentType.MANIFEST, manifestId(digest));
    }

    private VerityDigest put(
            Staging staging,
            Digest digest,
            byte[] json,
            SortedMap<String, VerityDigest> named,
            ContentType type,
            String contentId)
            throws IOException {
        if (json.length > MAX_DOCUMENT) {
            throw new StoreException("store: " + contentId + ": " + json.length + " bytes, limit " + MAX_DOCUMENT);
        }
        Digest got = digest.algorithm().of(json);
        if (!got.equals(digest)) {
            throw new StoreException("store: " + contentId + ": got bytes of " + got + ", expected " + digest);
        }
        StagedObject document;
        try (StagedFile file = store.stage(staging.folder())) {
            file.write(json);
            document = file.finish();
        }
        try (SplitStreamWriter writer = SplitStreamWriter.create(store, staging.folder(), type)) {
            named.forEach(writer::stream);
            writer.external(document.digest(), json.length);
            StagedObject stream = writer.finish();
            store.publish(List.of(document, stream));
            store.streams().link(contentId, stream.digest());
            return stream.digest();
        }
    }

    /**
     * Gives a layer's stream its name. Its objects have been published before.
     *
     * @param stream of content type {@link ContentType#LAYER}; the caller has hashed the same bytes to the diff_id. For
     *     composefs-rs to read it, a file's body of more than 64 bytes is an object, and all else is inline
     * @return the digest of the stream
     */
    public VerityDigest putLayer(Digest diffId, StagedObject stream) throws IOException {
        store.streams().publish(layerId(diffId), stream);
        return stream.digest();
    }

    /**
     * Reads a config.
     *
     * @return the config, when there is a stream of its name and it holds the config
     * @throws StoreException when there is one and it does not
     */
    public Optional<StoredDocument> config(Digest digest) throws IOException {
        return document(digest, ContentType.CONFIG, configId(digest));
    }

    /**
     * Reads a manifest.
     *
     * @return the manifest, when there is a stream of its name and it holds the manifest
     * @throws StoreException when there is one and it does not
     */
    public Optional<StoredDocument> manifest(Digest digest) throws IOException {
        return document(digest, ContentType.MANIFEST, manifestId(digest));
    }

    private Optional<StoredDocument> document(Digest digest, ContentType type, String contentId) throws IOException {
        Optional<VerityDigest> object = store.streams().find(contentId);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        // The bytes that are parsed are those that were hashed.
        byte[] file = store.read(object.orElseThrow(), MAX_DOCUMENT_STREAM)
                .orElseThrow(() -> missing(contentId, object.orElseThrow()));
        try (SplitStreamReader parts = SplitStreamReader.open(file, store.algorithm(), SplitStreamLimits.DOCUMENT)) {
            requireType(parts, type, contentId);
            byte[] bytes = assemble(parts, contentId);
            Digest got = digest.algorithm().of(bytes);
            if (!got.equals(digest)) {
                throw new BrokenStreamException(contentId, "got digest " + got + ", expected " + digest);
            }
            return Optional.of(new StoredDocument(digest, bytes, parts.namedReferences()));
        } catch (SplitStreamException e) {
            throw new BrokenStreamException(contentId, e.getMessage(), e);
        }
    }

    private byte[] assemble(SplitStreamReader parts, String contentId) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Part part = parts.next(); part != null; part = parts.next()) {
            byte[] bytes = switch (part) {
                case Part.Inline inline -> inline.bytes();
                case Part.External external ->
                    store.read(external.object(), (int) parts.size() - out.size())
                            .orElseThrow(() -> missing(contentId, external.object()));
            };
            out.writeBytes(bytes);
            if (out.size() > parts.size()) {
                throw new BrokenStreamException(contentId, "more bytes than the " + parts.size() + " it says");
            }
        }
        if (out.size() != parts.size()) {
            throw new BrokenStreamException(contentId, out.size() + " bytes, it says " + parts.size());
        }
        return out.toByteArray();
    }

    /**
     * Reads a layer's tar.
     *
     * @return the tar, when there is a stream of its name
     * @throws StoreException when there is one and its file is not the object its link says, or no stream of a layer
     */
    public Optional<LayerStream> layer(Digest diffId) throws IOException {
        String contentId = layerId(diffId);
        Optional<VerityDigest> object = store.streams().find(contentId);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        OpenFile file =
                store.openVerified(object.orElseThrow()).orElseThrow(() -> missing(contentId, object.orElseThrow()));
        try {
            SplitStreamReader parts = SplitStreamReader.open(file, store.algorithm(), SplitStreamLimits.LAYER);
            try {
                requireType(parts, ContentType.LAYER, contentId);
            } catch (BrokenStreamException e) {
                parts.close();
                throw e;
            }
            return Optional.of(new LayerStream(store, contentId, diffId, parts));
        } catch (SplitStreamException e) {
            file.close();
            throw new BrokenStreamException(contentId, e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static void requireType(SplitStreamReader parts, ContentType expected, String contentId)
            throws BrokenStreamException {
        if (!parts.contentType().equals(expected)) {
            throw new BrokenStreamException(
                    contentId, "got content type " + parts.contentType() + ", expected " + expected);
        }
    }

    private static BrokenStreamException missing(String contentId, VerityDigest object) {
        return new BrokenStreamException(contentId, "object " + object + " is not in the store");
    }

    /**
     * Names a manifest, in place of the one that had the name. What is tagged is kept.
     *
     * @param name the image's name, any text that does not begin with {@code @}
     * @throws StoreException when the manifest is not in the store, or the name is too long
     */
    public void tag(String name, Digest manifest) throws IOException {
        store.streams().putReference(path(name), manifestId(manifest));
    }

    /** The manifest of this name, if there is one. */
    public Optional<Digest> tagged(String name) throws IOException {
        String path = path(name);
        Optional<String> entry = store.streams().reference(path);
        return entry.isPresent() ? Optional.of(manifest(path, entry.orElseThrow())) : Optional.empty();
    }

    /** All names and their manifests. */
    public SortedMap<String, Digest> tags() throws IOException {
        SortedMap<String, Digest> tags = new TreeMap<>();
        for (Map.Entry<String, String> entry : store.streams().references().entrySet()) {
            if (entry.getKey().startsWith(TAGS)) {
                tags.put(
                        RefNames.decode(entry.getKey().substring(TAGS.length())),
                        manifest(entry.getKey(), entry.getValue()));
            }
        }
        return Collections.unmodifiableSortedMap(tags);
    }

    /**
     * Takes a name away; what it named stays until objects are deleted that nothing names.
     *
     * @return whether there was one
     */
    public boolean untag(String name) throws IOException {
        return store.streams().removeReference(path(name));
    }

    private static String path(String name) throws StoreException {
        if (name.startsWith("@")) {
            throw new StoreException("store: a tag cannot begin with \"@\", which begins a digest");
        }
        return TAGS + RefNames.encode(name);
    }

    private static Digest manifest(String path, String entry) throws StoreException {
        try {
            if (entry.startsWith(MANIFEST)) {
                return Digest.parse(entry.substring(MANIFEST.length()));
            }
        } catch (OciException e) {
            throw new StoreException("store: streams/refs/" + path + ": " + e.getMessage(), e);
        }
        throw new StoreException("store: streams/refs/" + path + ": leads to " + entry + ", expected a manifest");
    }
}
