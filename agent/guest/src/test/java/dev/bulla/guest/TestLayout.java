package dev.bulla.guest;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An OCI layout that a test writes, blob by blob, right or wrong as it wants. */
public final class TestLayout {
    public static final String TAR = "application/vnd.oci.image.layer.v1.tar";

    private final Path folder;
    private final Map<String, Descriptor> tags = new LinkedHashMap<>();

    public TestLayout(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder.resolve("blobs/sha256"));
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    /** A layer: its blob's descriptor and the digest of its tar. */
    public record Layer(Descriptor descriptor, Digest diffId) {
        Layer as(Descriptor other) {
            return new Layer(other, diffId);
        }
    }

    public Path folder() {
        return folder;
    }

    /** A gzip layer with one file. */
    public Layer layer(String name, String content) throws IOException {
        byte[] tar = tar(name, content.getBytes(StandardCharsets.UTF_8));
        return new Layer(blob(TAR + "+gzip", gzip(tar)), Digest.Algorithm.SHA256.of(tar));
    }

    public Descriptor blob(String mediaType, byte[] bytes) throws IOException {
        return blob(mediaType, bytes, Map.of());
    }

    public Descriptor blob(String mediaType, byte[] bytes, Map<String, String> annotations) throws IOException {
        Digest digest = Digest.Algorithm.SHA256.of(bytes);
        Files.write(path(digest), bytes);
        return new Descriptor(mediaType, digest, bytes.length, annotations, Optional.empty());
    }

    public Path path(Digest digest) {
        return folder.resolve("blobs").resolve(digest.algorithm().id()).resolve(digest.hex());
    }

    public Descriptor config(List<Digest> diffIds) throws IOException {
        return config("amd64".equals(System.getProperty("os.arch")) ? "amd64" : "arm64", diffIds);
    }

    public Descriptor config(String architecture, List<Digest> diffIds) throws IOException {
        JsonObject rootfs = JsonObject.builder()
                .put("type", "layers")
                .put(
                        "diff_ids",
                        JsonArray.ofStrings(
                                diffIds.stream().map(Digest::toString).toList()))
                .build();
        return blob(
                MediaTypes.OCI_CONFIG,
                json(JsonObject.builder()
                        .put("architecture", architecture)
                        .put("os", "linux")
                        .put("rootfs", rootfs)
                        .build()));
    }

    public Descriptor manifest(Descriptor config, List<Descriptor> layers) throws IOException {
        return blob(MediaTypes.OCI_MANIFEST, json(Manifest.toJson(config, layers)));
    }

    /** Config, manifest and tag of an image of these layers. */
    public Descriptor image(String tag, List<Layer> layers) throws IOException {
        Descriptor config = config(layers.stream().map(Layer::diffId).toList());
        Descriptor manifest =
                manifest(config, layers.stream().map(Layer::descriptor).toList());
        tag(tag, manifest);
        return manifest;
    }

    public void tag(String tag, Descriptor manifest) throws IOException {
        tags.put(tag, manifest);
        List<JsonValue> entries = new ArrayList<>();
        tags.forEach((name, descriptor) -> entries.add(new Descriptor(
                        descriptor.mediaType(),
                        descriptor.digest(),
                        descriptor.size(),
                        Map.of("org.opencontainers.image.ref.name", name),
                        descriptor.platform())
                .toJson()));
        Files.write(
                folder.resolve("index.json"),
                json(JsonObject.builder()
                        .put("schemaVersion", 2)
                        .put("manifests", new JsonArray(entries))
                        .build()));
    }

    private static byte[] json(JsonObject object) {
        return JsonWriter.compact(object).getBytes(StandardCharsets.UTF_8);
    }

    public static byte[] tar(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(content.length);
            entry.setModTime(0);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    public static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
