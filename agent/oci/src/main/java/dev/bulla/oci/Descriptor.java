package dev.bulla.oci;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A content descriptor of the OCI image specification: what something is, its digest and its size.
 *
 * <p>A descriptor's {@code urls} are not read: content comes from where the image comes from.
 *
 * @param mediaType what it is
 * @param digest the digest of its bytes
 * @param size how many bytes
 * @param annotations its annotations, empty when it has none
 * @param platform in an index, what the manifest runs on
 */
public record Descriptor(
        String mediaType, Digest digest, long size, Map<String, String> annotations, Optional<Platform> platform) {

    public Descriptor {
        requireNonNull(mediaType, "mediaType is null");
        requireNonNull(digest, "digest is null");
        requireNonNull(platform, "platform is null");
        if (size < 0) {
            throw new IllegalArgumentException("size is negative: " + size);
        }
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }

    /** A descriptor without annotations and platform. */
    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(mediaType, digest, size, Map.of(), Optional.empty());
    }

    /** Reads a descriptor. */
    public static Descriptor read(JsonCursor json) throws OciException {
        JsonCursor.Members members = json.object();
        Optional<JsonCursor> annotations = members.present("annotations");
        Optional<JsonCursor> platform = members.present("platform");
        return new Descriptor(
                members.required("mediaType").string(),
                Digest.read(members.required("digest")),
                members.required("size").integer(0, Long.MAX_VALUE),
                annotations.isPresent() ? annotations.get().stringMap() : Map.of(),
                platform.isPresent() ? Optional.of(Platform.read(platform.get())) : Optional.empty());
    }

    /** The descriptor as JSON, for manifests that we write. */
    public JsonObject toJson() {
        JsonObject.Builder json = JsonObject.builder()
                .put("mediaType", mediaType)
                .put("digest", digest.toString())
                .put("size", size);
        if (!annotations.isEmpty()) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            annotations.forEach((key, value) -> members.put(key, new JsonString(value)));
            json.put("annotations", new JsonObject(members));
        }
        platform.ifPresent(p -> {
            JsonObject.Builder members =
                    JsonObject.builder().put("architecture", p.architecture()).put("os", p.os());
            p.variant().ifPresent(v -> members.put("variant", v));
            json.put("platform", members.build());
        });
        return json.build();
    }
}
