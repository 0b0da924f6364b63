package dev.bulla.guest.pull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.guest.layer.KeepTar;
import dev.bulla.guest.seal.SealReport;
import dev.bulla.guest.store.StoreBacking;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Platform;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.policy.AcceptedDecision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a pull tells its user.
 *
 * @param image the image's name
 * @param indexDigest the index that led to the manifest, if one did
 * @param manifestDigest the manifest
 * @param configDigest the configuration
 * @param platform what the image runs on
 * @param composefs the sealed image's digest
 * @param sealedAs how the image was made, and what its seals said
 * @param layers the layers, lowest first
 * @param decision what policy decided, and why
 * @param contents counts of what deserves attention, by name
 * @param backing who can read the store
 * @param exposureAccepted whether the user accepted that the host may
 * @param keepTar what is kept of the layers themselves
 * @param recorded whether an authenticated record names the image, and can be used by a pull
 * @param notes what was found that did not stop the pull
 * @param timings how long each step took, in milliseconds
 */
public record PullResult(
        String image,
        Optional<Digest> indexDigest,
        Digest manifestDigest,
        Digest configDigest,
        Platform platform,
        VerityDigest composefs,
        SealedAs sealedAs,
        List<Layer> layers,
        AcceptedDecision decision,
        Map<String, Long> contents,
        StoreBacking backing,
        boolean exposureAccepted,
        KeepTar keepTar,
        boolean recorded,
        List<String> notes,
        Map<String, Long> timings) {

    /**
     * A layer.
     *
     * @param digest the blob's digest
     * @param mediaType the blob's media type
     * @param encrypted whether the blob was encrypted
     * @param wrap the wrap that opened it, if it was
     * @param size the blob's size in bytes
     * @param diffId the digest of the uncompressed layer
     * @param cached whether this pull had it already, for another place in the image
     * @param source where it came from
     */
    public record Layer(
            Digest digest,
            String mediaType,
            boolean encrypted,
            Optional<String> wrap,
            long size,
            Digest diffId,
            boolean cached,
            LayerSource source) {
        JsonObject toJson() {
            JsonObject.Builder json = JsonObject.builder()
                    .put("digest", digest.toString())
                    .put("mediaType", mediaType)
                    .put("encrypted", encrypted);
            wrap.ifPresent(name -> json.put("wrap", name));
            return json.put("size", size)
                    .put("diffId", diffId.toString())
                    .put("cached", cached)
                    .put("source", source.words())
                    .build();
        }
    }

    /**
     * How the composefs image was made, and what the image's seals said.
     *
     * @param format its format
     * @param mapping by which mapping its tree was made
     * @param seals what became of the seals
     * @param layerImages the images of single layers, by diff_id, where they were asked for
     * @param withoutImage the layers that have no image of their own, and why
     */
    public record SealedAs(
            FormatVersion format,
            String mapping,
            SealReport seals,
            SortedMap<String, VerityDigest> layerImages,
            SortedMap<String, String> withoutImage) {
        private JsonObject layersJson() {
            JsonObject.Builder json = JsonObject.builder();
            layerImages.forEach((diffId, image) -> json.put(diffId, image.hex()));
            return json.build();
        }

        private JsonObject withoutJson() {
            JsonObject.Builder json = JsonObject.builder();
            withoutImage.forEach(json::put);
            return json.build();
        }
    }

    public PullResult {
        layers = List.copyOf(layers);
        contents = new LinkedHashMap<>(contents);
        notes = List.copyOf(notes);
        timings = new LinkedHashMap<>(timings);
    }

    /**
     * The result as the command line prints it.
     *
     * @param enforcement what holds the image to its digest, {@code kernel-verity}, {@code guest-memory} or {@code none}
     * @param attestations how many attestations this run made
     * @param bundle the bundle that was made, if one was asked for
     */
    public JsonObject toJson(String enforcement, int attestations, Optional<String> bundle) {
        JsonObject.Builder json = JsonObject.builder().put("image", image);
        indexDigest.ifPresent(digest -> json.put("indexDigest", digest.toString()));
        json.put("manifestDigest", manifestDigest.toString())
                .put("configDigest", configDigest.toString())
                .put("platform", platform.toString())
                .put(
                        "composefs",
                        JsonObject.builder()
                                .put("format", sealedAs.format().name())
                                .put("algorithm", composefs.algorithm().id())
                                .put("mapping", sealedAs.mapping())
                                .put("digest", composefs.hex())
                                .put("enforcement", enforcement)
                                .build())
                .put(
                        "layers",
                        new JsonArray(
                                layers.stream().map(l -> (JsonValue) l.toJson()).toList()))
                .put("policy", decision.toJson())
                .put(
                        "attestation",
                        JsonObject.builder().put("count", attestations).build())
                .put("contents", counts(contents))
                .put(
                        "store",
                        JsonObject.builder()
                                .put("backing", backing.id())
                                .put("exposureAccepted", exposureAccepted)
                                .put("keepTar", keepTar.id())
                                .put("nextPull", nextPull())
                                .build())
                .put("notes", JsonArray.ofStrings(notes))
                .put("timings", counts(timings));
        if (!sealedAs.seals().isEmpty()) {
            json.put("seals", sealedAs.seals().toJson());
        }
        if (!sealedAs.layerImages().isEmpty() || !sealedAs.withoutImage().isEmpty()) {
            json.put("layerImages", sealedAs.layersJson()).put("layersWithoutImage", sealedAs.withoutJson());
        }
        bundle.ifPresent(path -> json.put("bundle", path));
        return json.build();
    }

    /** What a later pull of the same image can use of the store, by its own process or after it. */
    public String nextPull() {
        if (recorded) {
            return "uses the image, which an authenticated record names";
        }
        return switch (keepTar) {
            case FULL -> "hashes the stored layers again";
            case DELTA ->
                "fetches every layer: no stream of one is kept, and no authenticated record names the image (--record-key)";
            case NONE ->
                "fetches every layer: no tar is kept, and no authenticated record names the image (--record-key)";
        };
    }

    private static JsonObject counts(Map<String, Long> counts) {
        JsonObject.Builder json = JsonObject.builder();
        counts.forEach(json::put);
        return json.build();
    }
}
