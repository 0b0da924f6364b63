package dev.bulla.provision;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.registry.BlobContent;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes an OCI image layout (image specification 1.1), a new one or into one that is there. Blobs and the index are
 * written beside their place and renamed into it, so that a reader never sees half of one.
 *
 * <p>One writer at a time: the index is read when it is opened and written whole with each tag.
 */
public final class LayoutWriter implements ImageDestination {
    private static final String REF_NAME = "org.opencontainers.image.ref.name";
    private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";
    private static final int BUFFER = 64 << 10;

    private final Path folder;
    private final List<JsonObject> images;

    private LayoutWriter(Path folder, List<JsonObject> images) {
        this.folder = folder;
        this.images = images;
    }

    /**
     * Opens a layout, which is made where there is none.
     *
     * @param folder its folder
     * @throws IOException when it cannot be made, or what is there is no layout
     */
    public static LayoutWriter open(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("blobs").resolve("sha256"));
        Path index = folder.resolve("index.json");
        LayoutWriter writer = new LayoutWriter(folder, new ArrayList<>());
        if (Files.exists(index)) {
            writer.images.addAll(readImages(index));
        } else {
            writer.writeIndex();
        }
        if (!Files.exists(folder.resolve("oci-layout"))) {
            writer.replace(folder.resolve("oci-layout"), LAYOUT);
        }
        return writer;
    }

    private static List<JsonObject> readImages(Path index) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(index)) {
            bytes = in.readNBytes(ManifestOrIndex.MAX_SIZE + 1);
        }
        try {
            ManifestOrIndex.parse(bytes, Optional.of(MediaTypes.OCI_INDEX));
            List<JsonObject> images = new ArrayList<>();
            for (JsonCursor image :
                    JsonCursor.parse(bytes).object().required("manifests").array()) {
                images.add(image.object().value());
            }
            return images;
        } catch (OciException e) {
            throw new IOException("layout " + Quoted.text(index.toString()) + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void putBlob(Descriptor blob, BlobContent content) throws IOException {
        if (Files.exists(path(blob.digest()))) {
            return;
        }
        try (InputStream in = content.open();
                StagedBlob staged = stage()) {
            MessageDigest hash = blob.digest().algorithm().newMessageDigest();
            byte[] buffer = new byte[BUFFER];
            long size = 0;
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                hash.update(buffer, 0, got);
                staged.write(buffer, 0, got);
                size += got;
            }
            Digest digest = blob.digest().algorithm().fromBytes(hash.digest());
            if (size != blob.size() || !digest.equals(blob.digest())) {
                throw new IOException("blob: got " + digest + " of " + size + " bytes, expected " + blob.digest()
                        + " of " + blob.size());
            }
            staged.commit(digest);
        }
    }

    /** Writes a small blob. */
    public Descriptor putBytes(String mediaType, byte[] bytes) throws IOException {
        Digest digest = Digest.Algorithm.SHA256.of(bytes);
        try (StagedBlob staged = stage()) {
            staged.write(bytes);
            staged.commit(digest);
        }
        return Descriptor.of(mediaType, digest, bytes.length);
    }

    @Override
    public Descriptor putManifest(String mediaType, byte[] manifest, Optional<String> tag) throws IOException {
        Descriptor descriptor = putBytes(mediaType, manifest);
        if (tag.isPresent()) {
            images.removeIf(image -> tag.equals(tagOf(image)));
            Map<String, String> annotations = Map.of(REF_NAME, tag.get());
            images.add(new Descriptor(mediaType, descriptor.digest(), descriptor.size(), annotations, Optional.empty())
                    .toJson());
            writeIndex();
        }
        return descriptor;
    }

    private static Optional<String> tagOf(JsonObject image) {
        return image.get("annotations")
                .flatMap(annotations ->
                        annotations instanceof JsonObject object ? object.get(REF_NAME) : Optional.empty())
                .flatMap(name -> name instanceof JsonString text ? Optional.of(text.value()) : Optional.empty());
    }

    /** The tags of the layout, each with the digest's text that its entry holds. */
    public Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        for (JsonObject image : images) {
            Optional<String> tag = tagOf(image);
            if (tag.isPresent() && image.get("digest").orElse(null) instanceof JsonString digest) {
                tags.put(tag.get(), digest.value());
            }
        }
        return tags;
    }

    private void writeIndex() throws IOException {
        JsonObject index = JsonObject.builder()
                .put("schemaVersion", 2)
                .put("mediaType", MediaTypes.OCI_INDEX)
                .put("manifests", new JsonArray(List.<JsonValue>copyOf(images)))
                .build();
        replace(folder.resolve("index.json"), JsonWriter.compact(index));
    }

    private void replace(Path file, String text) throws IOException {
        Path temporary = temporaryFile();
        try {
            Files.write(temporary, text.getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private Path temporaryFile() throws IOException {
        // Layouts are made to be read by others; the user's umask has the last word.
        return Files.createTempFile(
                folder, ".new", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    }

    private Path path(Digest digest) {
        return folder.resolve("blobs").resolve(digest.algorithm().id()).resolve(digest.hex());
    }

    /** A new blob whose digest is known only once it is written. */
    StagedBlob stage() throws IOException {
        Path temporary = temporaryFile();
        return new StagedBlob(temporary, Files.newOutputStream(temporary));
    }

    @Override
    public void close() {
        // everything is written when its method returns
    }

    /** A blob being written; gone when it is closed without {@link #commit}. */
    final class StagedBlob extends FilterOutputStream {
        private final Path temporary;

        private StagedBlob(Path temporary, OutputStream out) {
            super(out);
            this.temporary = temporary;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        /** Names the blob by its digest, which the caller has computed over what it wrote. */
        void commit(Digest digest) throws IOException {
            out.close();
            Path place = path(digest);
            Files.createDirectories(
                    folder.resolve("blobs").resolve(digest.algorithm().id()));
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void close() throws IOException {
            out.close();
            Files.deleteIfExists(temporary);
        }
    }
}
