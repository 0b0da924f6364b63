package dev.bulla.guest.export;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.store.StoreException;
import dev.bulla.guest.delta.CanonicalTarWriter;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes an image as one tar archive, which the same image always makes the same.
 *
 * <p>The configuration is written as it was received, so the image keeps its ID. Layers are written uncompressed: what a
 * registry's compressor made of them cannot be made again. The manifest is therefore the image's own only where its layers
 * were uncompressed; else it is made anew, without annotations, and a signature of the image's own says nothing about it.
 */
public final class ImageArchive {
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    /** How an image is laid out in an archive. */
    public enum Format {
        /** An OCI image layout. */
        OCI("oci-archive"),
        /** What {@code docker save} writes. */
        DOCKER("docker-archive");

        private final String transport;

        Format(String transport) {
            this.transport = transport;
        }

        /** What names the format before a file's name, as in other tools. */
        public String transport() {
            return transport;
        }
    }

    private final StoredLayers layers;

    /** Archives with the layers of a store. */
    public ImageArchive(StoredLayers layers) {
        this.layers = requireNonNull(layers, "layers is null");
    }

    /**
     * Writes an archive.
     *
     * @param image what to write
     * @param name the name that the archive gives to the image, if it has one: with a tag, for Docker
     * @param out takes the archive; what was written is worth nothing when this throws
     * @throws IOException when a layer is missing, or is another than its diff_id says
     */
    public SavedImage write(StoredImage image, Format format, Optional<String> name, OutputStream out)
            throws IOException {
        Map<Digest, StoredLayer> found = new LinkedHashMap<>();
        for (Digest diffId : image.config().diffIds()) {
            if (diffId.algorithm() != Digest.Algorithm.SHA256) {
                throw new BrokenLayerException(diffId, "expected a sha256 diff_id, as archives have it");
            }
            if (!found.containsKey(diffId)) {
                found.put(
                        diffId,
                        layers.find(diffId)
                                .orElseThrow(() -> new StoreException("layer " + diffId
                                        + ": the store does not keep its tar; a pull does unless --keep-tar=none")));
            }
        }
        CanonicalTarWriter tar = new CanonicalTarWriter(out);
        SavedImage saved = switch (format) {
            case OCI -> oci(image, name, found, tar);
            case DOCKER -> docker(image, name, found, tar);
        };
        tar.finish();
        return saved;
    }

    private static SavedImage oci(
            StoredImage image, Optional<String> name, Map<Digest, StoredLayer> layers, CanonicalTarWriter tar)
            throws IOException {
        boolean kept = image.hasPlainLayers();
        List<Descriptor> written = kept ? image.manifest().layers() : plain(image, layers);
        Descriptor config = image.manifest().config();
        byte[] manifest = kept
                ? image.manifestBytes()
                : json(Manifest.toJson(Descriptor.of(MediaTypes.OCI_CONFIG, config.digest(), config.size()), written));
        Descriptor described = new Descriptor(
                kept ? image.manifest().mediaType() : MediaTypes.OCI_MANIFEST,
                kept ? image.manifestDigest() : Digest.Algorithm.SHA256.of(manifest),
                manifest.length,
                name.isPresent() ? Map.of(REF_NAME, name.get()) : Map.of(),
                Optional.empty());
        tar.file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        tar.file(
                "index.json",
                json(JsonObject.builder()
                        .put("schemaVersion", 2)
                        .put("mediaType", MediaTypes.OCI_INDEX)
                        .put("manifests", new JsonArray(List.of(described.toJson())))
                        .build()));
        tar.directory("blobs");
        tar.directory("blobs/sha256");
        tar.file(path(described.digest()), manifest);
        tar.file(path(config.digest()), image.configBytes());
        for (StoredLayer layer : layers.values()) {
            write(layer, path(layer.diffId()), tar);
        }
        return new SavedImage(image, Optional.of(described), written);
    }

    private static SavedImage docker(
            StoredImage image, Optional<String> name, Map<Digest, StoredLayer> layers, CanonicalTarWriter tar)
            throws IOException {
        List<Descriptor> written = plain(image, layers);
        String config = Digest.Algorithm.SHA256.of(image.configBytes()).hex() + ".json";
        JsonObject entry = JsonObject.builder()
                .put("Config", config)
                .put("RepoTags", JsonArray.ofStrings(name.stream().toList()))
                .put(
                        "Layers",
                        JsonArray.ofStrings(written.stream()
                                .map(layer -> layer.digest().hex() + ".tar")
                                .toList()))
                .build();
        tar.file("manifest.json", json(new JsonArray(List.of(entry))));
        tar.file(config, image.configBytes());
        for (StoredLayer layer : layers.values()) {
            write(layer, layer.diffId().hex() + ".tar", tar);
        }
        return new SavedImage(image, Optional.empty(), written);
    }

    private static List<Descriptor> plain(StoredImage image, Map<Digest, StoredLayer> layers) {
        List<Descriptor> plain = new ArrayList<>();
        for (Digest diffId : image.config().diffIds()) {
            plain.add(Descriptor.of(
                    LAYER, diffId, requireNonNull(layers.get(diffId)).size()));
        }
        return plain;
    }

    private static String path(Digest blob) {
        return "blobs/" + blob.algorithm().id() + "/" + blob.hex();
    }

    private static void write(StoredLayer layer, String path, CanonicalTarWriter tar) throws IOException {
        try (InputStream in = layer.open()) {
            tar.file(path, layer.size(), in);
        }
    }

    private static byte[] json(JsonValue value) {
        return JsonWriter.compact(value).getBytes(StandardCharsets.UTF_8);
    }
}
