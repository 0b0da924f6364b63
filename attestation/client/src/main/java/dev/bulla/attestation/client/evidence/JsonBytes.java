package dev.bulla.attestation.client.evidence;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** Bytes as a JSON array of numbers: so peers write them that do not say otherwise. */
final class JsonBytes {
    private JsonBytes() {}

    static JsonArray of(byte[] bytes) {
        List<JsonValue> numbers = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            numbers.add(JsonNumber.of(Byte.toUnsignedInt(b)));
        }
        return new JsonArray(numbers);
    }
}
