package dev.bulla.provision;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.NotFoundException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A signature by a key in cosign's storage: a simple-signing payload as a layer of an OCI image that the tag
 * {@code sha256-<hex>.sig} names, the signature in the layer's annotation. Further signatures become further layers.
 */
public final class CosignSignature {
    static final String PAYLOAD_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json";
    static final String SIGNATURE = "dev.cosignproject.cosign/signature";

    private final byte[] payload;
    private final byte[] signature;
    private final Digest image;

    private CosignSignature(byte[] payload, byte[] signature, Digest image) {
        this.payload = payload;
        this.signature = signature;
        this.image = image;
    }

    /** The tag under which a manifest's signatures are stored. */
    public static String tagOf(Digest manifest) {
        return manifest.algorithm().id() + "-" + manifest.hex() + ".sig";
    }

    /**
     * Signs an image.
     *
     * @param image the digest of its manifest or index
     * @param identity the name under which it may be used; with a tag, the policy default accepts it under that tag only
     */
    public static CosignSignature sign(Digest image, ImageReference identity, SigningKey key) {
        JsonObject json = JsonObject.builder()
                .put(
                        "critical",
                        JsonObject.builder()
                                .put(
                                        "identity",
                                        JsonObject.builder()
                                                .put("docker-reference", identity.toString())
                                                .build())
                                .put(
                                        "image",
                                        JsonObject.builder()
                                                .put("docker-manifest-digest", image.toString())
                                                .build())
                                .put("type", "cosign container image signature")
                                .build())
                .put("optional", JsonNull.NULL)
                .build();
        byte[] payload = JsonWriter.compact(json).getBytes(StandardCharsets.UTF_8);
        return new CosignSignature(payload, key.sign(payload), image);
    }

    /**
     * Stores the signature beside those that are there.
     *
     * @param existing where the image's signatures are now
     * @param destination the same place, for writing
     * @return the descriptor of the manifest that holds the signatures
     */
    public Descriptor store(ImageSource existing, ImageDestination destination) throws IOException, OciException {
        List<Descriptor> layers = new ArrayList<>(present(existing));
        Descriptor layer = new Descriptor(
                PAYLOAD_TYPE,
                Digest.Algorithm.SHA256.of(payload),
                payload.length,
                Map.of(SIGNATURE, Base64.getEncoder().encodeToString(signature)),
                Optional.empty());
        destination.putBlob(layer, () -> new ByteArrayInputStream(payload));
        layers.add(layer);
        byte[] config = config(layers);
        Descriptor configDescriptor =
                Descriptor.of(MediaTypes.OCI_CONFIG, Digest.Algorithm.SHA256.of(config), config.length);
        destination.putBlob(configDescriptor, () -> new ByteArrayInputStream(config));
        JsonObject manifest = Manifest.toJson(configDescriptor, layers);
        return destination.putManifest(
                MediaTypes.OCI_MANIFEST,
                JsonWriter.compact(manifest).getBytes(StandardCharsets.UTF_8),
                Optional.of(tagOf(image)));
    }

    private List<Descriptor> present(ImageSource existing) throws IOException, OciException {
        try {
            FetchedManifest before = existing.fetchByTag(tagOf(image));
            return switch (ManifestOrIndex.parse(before.bytes(), before.mediaType())) {
                case Manifest manifest -> manifest.layers();
                case dev.bulla.oci.Index index ->
                    throw new OciException("signatures of " + image + ": got an index, expected a manifest");
            };
        } catch (NotFoundException e) {
            return List.of();
        }
    }

    /** An image configuration that lists the payloads as layers, as cosign writes it. */
    private static byte[] config(List<Descriptor> layers) {
        JsonObject config = JsonObject.builder()
                .put("architecture", "")
                .put("created", "0001-01-01T00:00:00Z")
                .put(
                        "history",
                        new JsonArray(layers.stream()
                                .map(one -> (JsonValue) JsonObject.builder()
                                        .put("created", "0001-01-01T00:00:00Z")
                                        .build())
                                .toList()))
                .put("os", "")
                .put(
                        "rootfs",
                        JsonObject.builder()
                                .put("type", "layers")
                                .put(
                                        "diff_ids",
                                        new JsonArray(layers.stream()
                                                .map(one -> (JsonValue) new JsonString(
                                                        one.digest().toString()))
                                                .toList()))
                                .build())
                .put("config", JsonObject.builder().build())
                .build();
        return JsonWriter.compact(config).getBytes(StandardCharsets.UTF_8);
    }
}
