package dev.bulla.attestation.protocol;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** Bytes as a JSON array of numbers from 0 to 255: so peers write them that do not say otherwise. */
public final class JsonBytes {
    private JsonBytes() {}

    /** The array. */
    public static JsonArray write(byte[] bytes) {
        List<JsonValue> items = new ArrayList<>(bytes.length);
        for (byte octet : bytes) {
            items.add(JsonNumber.of(Byte.toUnsignedInt(octet)));
        }
        return new JsonArray(items);
    }

    /** Exactly so many bytes. */
    public static byte[] read(JsonCursor json, int size) throws JsonException {
        return read(json, size, size);
    }

    /** At least and at most so many bytes. */
    public static byte[] read(JsonCursor json, int least, int most) throws JsonException {
        List<JsonCursor> items = json.array();
        if (items.size() < least || items.size() > most) {
            throw json.refuse("got " + items.size() + " bytes, expected "
                    + (least == most ? Integer.toString(least) : least + " to " + most));
        }
        byte[] bytes = new byte[items.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) items.get(i).integer(0, 0xFF);
        }
        return bytes;
    }
}
