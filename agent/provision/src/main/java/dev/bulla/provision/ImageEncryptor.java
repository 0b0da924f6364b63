package dev.bulla.provision;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Index;
import dev.bulla.oci.LayerMediaType;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.ocicrypt.EncryptedLayer;
import dev.bulla.ocicrypt.LayerEncryptor;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Encrypts an image's layers into a layout; configuration, other layers and what else the manifest says stay. The result
 * is an OCI image, also where the source is Docker's, since only OCI's media types have an encrypted form. Of an index,
 * every image is encrypted.
 *
 * <p><b>Security.</b> The configuration (environment, command, history) is not encrypted: the format has no such thing.
 */
public final class ImageEncryptor {
    private static final String ENCRYPTED = "+encrypted";

    private final LayerEncryptor encryptor;
    private final LayerSelection selection;

    public ImageEncryptor(LayerEncryptor encryptor, LayerSelection selection) {
        this.encryptor = encryptor;
        this.selection = selection;
    }

    /**
     * Encrypts an image.
     *
     * @param source where it is read from
     * @param image what the source gave for its name
     * @param destination where the result goes
     * @param tag the tag of the result
     * @return the result's descriptor
     * @throws UnsuitableImageException when a layer is encrypted already, is none, or the selection names no layer of it
     */
    public Descriptor encrypt(ImageSource source, FetchedManifest image, LayoutWriter destination, Optional<String> tag)
            throws IOException, OciException, ProvisionException {
        JsonObject json = JsonCursor.parse(image.bytes()).object().value();
        Map<String, JsonValue> members = new LinkedHashMap<>(json.members());
        String mediaType = switch (ManifestOrIndex.parse(image.bytes(), image.mediaType())) {
            case Index index -> {
                members.put("manifests", encryptAll(source, index, json, destination));
                yield MediaTypes.OCI_INDEX;
            }
            case Manifest manifest -> {
                members.put("config", copyConfig(source, manifest, destination));
                members.put("layers", encryptLayers(source, manifest, destination));
                yield MediaTypes.OCI_MANIFEST;
            }
        };
        members.put("mediaType", new JsonString(mediaType));
        byte[] bytes = JsonWriter.compact(new JsonObject(members)).getBytes(StandardCharsets.UTF_8);
        return destination.putManifest(mediaType, bytes, tag);
    }

    private JsonArray encryptAll(ImageSource source, Index index, JsonObject json, LayoutWriter destination)
            throws IOException, OciException, ProvisionException {
        List<JsonValue> entries = new ArrayList<>();
        JsonArray before = (JsonArray) json.get("manifests").orElseThrow();
        for (int i = 0; i < index.manifests().size(); i++) {
            FetchedManifest child =
                    source.fetchByDigest(index.manifests().get(i).digest());
            Descriptor encrypted = encrypt(source, child, destination, Optional.empty());
            Map<String, JsonValue> entry =
                    new LinkedHashMap<>(((JsonObject) before.items().get(i)).members());
            entry.put("mediaType", new JsonString(encrypted.mediaType()));
            entry.put("digest", new JsonString(encrypted.digest().toString()));
            entry.put("size", JsonNumber.of(encrypted.size()));
            entries.add(new JsonObject(entry));
        }
        return new JsonArray(entries);
    }

    private static JsonValue copyConfig(ImageSource source, Manifest manifest, LayoutWriter destination)
            throws IOException {
        Descriptor config = manifest.config();
        destination.putBlob(config, () -> source.openBlob(config));
        boolean docker = config.mediaType().equals(MediaTypes.DOCKER_CONFIG);
        return new Descriptor(
                        docker ? MediaTypes.OCI_CONFIG : config.mediaType(),
                        config.digest(),
                        config.size(),
                        config.annotations(),
                        config.platform())
                .toJson();
    }

    private JsonArray encryptLayers(ImageSource source, Manifest manifest, LayoutWriter destination)
            throws IOException, ProvisionException {
        List<JsonValue> layers = new ArrayList<>();
        BitSet selected = selection.of(manifest.layers().size());
        for (int i = 0; i < manifest.layers().size(); i++) {
            Descriptor layer = manifest.layers().get(i);
            String mediaType = ociMediaType(i, layer, selected.get(i));
            if (selected.get(i)) {
                layers.add(encryptLayer(source, layer, mediaType + ENCRYPTED, destination)
                        .toJson());
            } else {
                destination.putBlob(layer, () -> source.openBlob(layer));
                layers.add(
                        new Descriptor(mediaType, layer.digest(), layer.size(), layer.annotations(), layer.platform())
                                .toJson());
            }
        }
        return new JsonArray(layers);
    }

    private Descriptor encryptLayer(ImageSource source, Descriptor layer, String mediaType, LayoutWriter destination)
            throws IOException {
        try (InputStream plain = source.openBlob(layer);
                LayoutWriter.StagedBlob staged = destination.stage()) {
            EncryptedLayer encrypted = encryptor.encrypt(plain, staged);
            staged.commit(encrypted.digest());
            Map<String, String> annotations = new LinkedHashMap<>(layer.annotations());
            annotations.putAll(encrypted.annotations());
            return new Descriptor(mediaType, encrypted.digest(), encrypted.size(), annotations, layer.platform());
        }
    }

    private static String ociMediaType(int place, Descriptor layer, boolean toEncrypt) throws UnsuitableImageException {
        Optional<LayerMediaType> type = LayerMediaType.parse(layer.mediaType());
        if (type.isEmpty()) {
            throw new UnsuitableImageException("layer " + place + ": media type " + Quoted.text(layer.mediaType())
                    + ", expected that of an image's layer");
        }
        if (toEncrypt && type.get().encrypted()) {
            throw new UnsuitableImageException("layer " + place + ": it is encrypted already");
        }
        if (!layer.mediaType().startsWith("application/vnd.docker.")) {
            return layer.mediaType();
        }
        return "application/vnd.oci.image.layer.v1.tar"
                + switch (type.get().compression()) {
                    case NONE -> "";
                    case GZIP -> "+gzip";
                    case ZSTD -> "+zstd";
                };
    }
}
