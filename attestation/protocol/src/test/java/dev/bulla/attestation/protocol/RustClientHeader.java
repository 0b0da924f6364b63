package dev.bulla.attestation.protocol;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the protocol's Rust client authenticates instead of the header it received: it reads the header into a structure and
 * writes that again, {@code alg}, {@code enc}, then the other members in their map's order.
 */
final class RustClientHeader {
    /** In what order serde_json's maps keep their members, a matter of its build. */
    enum MapOrder {
        SORTED,
        AS_RECEIVED
    }

    private RustClientHeader() {}

    /** The JWE with its header text replaced by the one that the client would authenticate. */
    static byte[] reserialised(byte[] jwe, MapOrder order) throws Exception {
        JsonObject object = JsonCursor.parse(jwe).object().value();
        String received =
                new JsonCursor(object, "$").object().required("protected").string();
        JsonObject header = JsonCursor.parse(Base64Url.decode(received, "protected"))
                .object()
                .value();
        JsonObject.Builder written = JsonObject.builder();
        for (String first : List.of("alg", "enc")) {
            written.put(first, header.get(first).orElseThrow());
        }
        Map<String, JsonValue> rest = order == MapOrder.SORTED ? new TreeMap<>(header.members()) : header.members();
        rest.forEach((name, value) -> {
            if (!name.equals("alg") && !name.equals("enc")) {
                written.put(name, order == MapOrder.SORTED ? sorted(value) : value);
            }
        });
        JsonObject.Builder result = JsonObject.builder();
        object.members().forEach((name, value) -> {
            if (name.equals("protected")) {
                result.put(
                        name,
                        Base64Url.encode(JsonWriter.compact(written.build()).getBytes(StandardCharsets.UTF_8)));
            } else {
                result.put(name, value);
            }
        });
        return JsonWriter.compact(result.build()).getBytes(StandardCharsets.UTF_8);
    }

    private static JsonValue sorted(JsonValue value) {
        if (!(value instanceof JsonObject object)) {
            return value;
        }
        JsonObject.Builder result = JsonObject.builder();
        new TreeMap<>(object.members()).forEach((name, member) -> result.put(name, sorted(member)));
        return result.build();
    }
}
