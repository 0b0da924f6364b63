package dev.bulla.policy.bundle;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonString;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Values as protobuf's JSON mapping writes them, where it leaves a writer more than one way. */
final class ProtoJson {
    private static final Pattern INTEGER = Pattern.compile("-?(?:0|[1-9][0-9]{0,18})");

    private ProtoJson() {}

    /** A 64-bit integer, written as a string or as a number. */
    static long integer(JsonCursor value, long least, long most) throws JsonException {
        if (value.value() instanceof JsonString string
                && INTEGER.matcher(string.value()).matches()) {
            return new JsonCursor(new JsonNumber(string.value()), value.path()).integer(least, most);
        }
        return value.integer(least, most);
    }

    /** Bytes in base64, standard or URL-safe, with padding or without. */
    static byte[] bytes(JsonCursor value, int limit) throws JsonException {
        String text = value.string().replace('-', '+').replace('_', '/');
        if (text.length() / 4 * 3L > limit + 3L) {
            throw value.refuse("base64 of " + text.length() + " characters, limit " + limit + " bytes");
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (bytes.length > limit) {
                throw value.refuse(bytes.length + " bytes, limit " + limit);
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw value.refuse("not base64");
        }
    }

    /** An instant of RFC 3339. */
    static Instant instant(JsonCursor value) throws JsonException {
        try {
            return Instant.parse(value.string());
        } catch (DateTimeException e) {
            throw value.refuse("not a time of RFC 3339");
        }
    }

    /** The items of an array that may be left out, at most so many. */
    static List<JsonCursor> items(JsonCursor.Members members, String name, int limit) throws JsonException {
        Optional<JsonCursor> array = members.present(name);
        return array.isPresent() ? items(array.get(), limit) : List.of();
    }

    /** The items of an array, at most so many. */
    static List<JsonCursor> items(JsonCursor array, int limit) throws JsonException {
        List<JsonCursor> items = array.array();
        if (items.size() > limit) {
            throw array.refuse(items.size() + " items, limit " + limit);
        }
        return items;
    }
}
