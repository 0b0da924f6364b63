package dev.bulla.kbs.rego;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonValue;

/** JSON values from the texts that tests write. */
final class JsonCursorValues {
    private JsonCursorValues() {}

    static JsonValue of(String text) {
        try {
            return JsonCursor.parse(text).value();
        } catch (JsonException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
