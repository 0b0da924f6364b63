package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an authenticated record says.
 *
 * @param identity what the image was made of, and how
 * @param image the image that was computed, what its layers held, and their streams
 * @param counter greater than that of every record that was there when it was written
 */
public record StoreRecord(ImageIdentity identity, VouchedImage image, long counter) {
    private static final int MAX_LAYERS = 1024;
    private static final int MAX_COUNTS = 64;
    private static final long MAX_NUMBER = 1L << 53;

    public StoreRecord {
        requireNonNull(identity, "identity is null");
        requireNonNull(image, "image is null");
    }

    /** Its one JSON text. */
    byte[] toJson() {
        JsonObject.Builder streams = JsonObject.builder();
        image.layers().forEach((diffId, stream) -> streams.put(diffId, stream.hex()));
        JsonObject.Builder contents = JsonObject.builder();
        image.contents().forEach(contents::put);
        return JsonWriter.canonical(JsonObject.builder()
                .put("algorithm", identity.algorithm().id())
                .put("configDigest", identity.configDigest().toString())
                .put("contents", contents.build())
                .put("counter", counter)
                .put("format", identity.format().name())
                .put("imageDigest", image.image().hex())
                .put("layers", streams.build())
                .put("mapping", identity.mapping())
                .build());
    }

    /**
     * Reads it.
     *
     * @throws OciException when it is not exactly what {@link #toJson} writes
     */
    static StoreRecord parse(byte[] utf8) throws OciException {
        JsonCursor.Members json = JsonCursor.parse(utf8).object();
        VerityAlgorithm algorithm = VerityAlgorithm.parse(
                        json.required("algorithm").string())
                .orElseThrow(() -> refuse("unknown algorithm"));
        ImageIdentity identity = new ImageIdentity(
                Digest.parse(json.required("configDigest").string()),
                json.required("mapping").string(),
                format(json.required("format").string()),
                algorithm);
        Map<String, Long> contents = new LinkedHashMap<>();
        for (Map.Entry<String, JsonCursor> count :
                json.required("contents").object().all().entrySet()) {
            contents.put(count.getKey(), count.getValue().integer(0, MAX_NUMBER));
        }
        SortedMap<String, VerityDigest> layers = new TreeMap<>();
        for (Map.Entry<String, JsonCursor> layer :
                json.required("layers").object().all().entrySet()) {
            layers.put(
                    Digest.parse(layer.getKey()).toString(),
                    digest(algorithm, layer.getValue().string()));
        }
        if (layers.size() > MAX_LAYERS || contents.size() > MAX_COUNTS) {
            throw refuse("more than " + MAX_LAYERS + " layers or " + MAX_COUNTS + " counts");
        }
        StoreRecord read = new StoreRecord(
                identity,
                new VouchedImage(digest(algorithm, json.required("imageDigest").string()), contents, layers),
                json.required("counter").integer(1, MAX_NUMBER));
        if (!Arrays.equals(read.toJson(), utf8)) {
            throw refuse("other members or another form than it is written in");
        }
        return read;
    }

    private static FormatVersion format(String name) throws JsonException {
        for (FormatVersion format : FormatVersion.values()) {
            if (format.name().equals(name)) {
                return format;
            }
        }
        throw refuse("unknown format");
    }

    private static VerityDigest digest(VerityAlgorithm algorithm, String hex) throws JsonException {
        try {
            return new VerityDigest(algorithm, hex);
        } catch (IllegalArgumentException e) {
            throw refuse("a malformed digest");
        }
    }

    private static JsonException refuse(String problem) {
        return new JsonException("record", problem);
    }
}
