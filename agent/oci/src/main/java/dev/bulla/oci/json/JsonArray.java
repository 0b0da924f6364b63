package dev.bulla.oci.json;

import java.util.List;

/** A JSON array. */
public record JsonArray(List<JsonValue> items) implements JsonValue {
    public JsonArray {
        items = List.copyOf(items);
    }

    /** The array of these strings. */
    public static JsonArray ofStrings(List<String> strings) {
        return new JsonArray(
                strings.stream().map(s -> (JsonValue) new JsonString(s)).toList());
    }
}
