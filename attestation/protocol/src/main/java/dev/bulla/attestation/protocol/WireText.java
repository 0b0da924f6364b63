package dev.bulla.attestation.protocol;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;

/** Reads and writes the JSON texts of this room, with its own exception. */
final class WireText {
    private WireText() {}

    /** Makes a message of its JSON. */
    @FunctionalInterface
    interface Reading<T> {
        T read(JsonCursor.Members members) throws JsonException, KbsProtocolException;
    }

    /** Reads one JSON object. */
    static <T> T read(String what, byte[] utf8, Reading<T> reading) throws KbsProtocolException {
        try {
            return reading.read(JsonCursor.parse(utf8).object());
        } catch (JsonException e) {
            throw new KbsProtocolException(what + ": " + e.getMessage(), e);
        }
    }

    /** The compact text of an object, in UTF-8. */
    static byte[] write(JsonObject object) {
        return JsonWriter.compact(object).getBytes(StandardCharsets.UTF_8);
    }
}
