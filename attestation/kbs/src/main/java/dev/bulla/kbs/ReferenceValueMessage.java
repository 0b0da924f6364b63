package dev.bulla.kbs;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Reference values as they come and as they are kept.
 *
 * <p>They come as an RVPS message, {@code {"version":"0.1.0","type":…,"payload":"<base64>"}}. Of type {@code sample} the payload is
 * {@code {"<name>":<value>,…}}, each good for {@link #SAMPLE_MONTHS} months; of type {@code bulla} it is
 * {@code {"<name>":{"value":<value>,"expires":<unix seconds>},…}}, where {@code expires} may be missing. They are kept in Trustee's form,
 * {@code {"version","name","expiration","value"}}.
 */
final class ReferenceValueMessage {
    /** How many months a value of a sample message is good for. */
    static final int SAMPLE_MONTHS = 12;

    /** The longest name. */
    static final int MAX_NAME = 200;

    private static final String VERSION = "0.1.0";
    private static final long MAX_SECONDS = 253_402_300_799L;

    /** Trustee asks for a date; this one is as good as none. */
    private static final Instant NEVER = Instant.ofEpochSecond(MAX_SECONDS);

    private ReferenceValueMessage() {}

    /**
     * One value.
     *
     * @param name its name
     * @param value what it is
     * @param expiresAt from when on it is not there
     */
    record ReferenceValue(String name, JsonValue value, Instant expiresAt) {
        byte[] toKept() {
            return JsonWriter.compact(JsonObject.builder()
                            .put("version", VERSION)
                            .put("name", name)
                            .put("expiration", expiresAt.toString())
                            .put("value", value)
                            .build())
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Reads a value that is kept. */
    static ReferenceValue parseKept(byte[] utf8) throws JsonException {
        JsonCursor.Members members = JsonCursor.parse(utf8).object();
        members.allowOnly("version", "name", "expiration", "value");
        JsonCursor expiration = members.required("expiration");
        try {
            return new ReferenceValue(
                    name(members.required("name")),
                    members.required("value").value(),
                    Instant.parse(expiration.string()));
        } catch (DateTimeException e) {
            throw expiration.refuse("not a date and time");
        }
    }

    /** Reads a message. */
    static List<ReferenceValue> parse(byte[] utf8, boolean allowSample, Instant now) throws JsonException {
        JsonCursor.Members members = JsonCursor.parse(utf8).object();
        members.allowOnly("version", "type", "payload");
        Optional<JsonCursor> version = members.optional("version");
        if (version.isPresent() && !version.get().string().equals(VERSION)) {
            throw version.get().refuse("expected \"" + VERSION + "\"");
        }
        JsonCursor type = members.required("type");
        JsonCursor payload = members.required("payload");
        boolean sample = switch (type.string()) {
            case "sample" -> {
                if (!allowSample) {
                    throw type.refuse("messages of type sample are not allowed here");
                }
                yield true;
            }
            case "bulla" -> false;
            default ->
                throw type.refuse("got " + Quoted.text(type.string())
                        + ", expected \"sample\" or \"bulla\"; swid and corim are not understood");
        };
        byte[] json;
        try {
            json = Base64.getDecoder().decode(payload.string());
        } catch (IllegalArgumentException e) {
            throw payload.refuse("not base64");
        }
        Instant inMonths = now.truncatedTo(ChronoUnit.SECONDS)
                .atOffset(ZoneOffset.UTC)
                .plusMonths(SAMPLE_MONTHS)
                .toInstant();
        List<ReferenceValue> values = new ArrayList<>();
        for (var member : JsonCursor.parse(json).object().all().entrySet()) {
            String name = name(new JsonCursor(new JsonString(member.getKey()), "$"));
            if (sample) {
                values.add(new ReferenceValue(name, member.getValue().value(), inMonths));
                continue;
            }
            JsonCursor.Members given = member.getValue().object();
            given.allowOnly("value", "expires");
            Optional<JsonCursor> expires = given.optional("expires");
            values.add(new ReferenceValue(
                    name,
                    given.required("value").value(),
                    expires.isPresent() ? Instant.ofEpochSecond(expires.get().integer(0, MAX_SECONDS)) : NEVER));
        }
        return values;
    }

    private static String name(JsonCursor cursor) throws JsonException {
        String name = cursor.string();
        boolean good = !name.isEmpty()
                && name.length() <= MAX_NAME
                && name.charAt(0) != '.'
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '\\');
        if (!good) {
            throw cursor.refuse("reference value " + Quoted.text(name) + ": expected a name of 1 to " + MAX_NAME
                    + " printable ASCII characters, no backslash, no dot at the beginning");
        }
        return name;
    }
}
