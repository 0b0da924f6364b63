package dev.bulla.oci.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A JSON value and the path at which it stands, so that every refusal can say where.
 *
 * <p>Reading is typed and strict: {@code cursor.object().required("size").integer(0, max)} either gives the value or
 * throws {@link JsonException} with the path, what was found and what was expected.
 *
 * <p><b>Security.</b> {@link #parse} accepts exactly one RFC 8259 value in UTF-8 without byte order mark, refuses
 * duplicate keys, trailing data, half surrogate pairs, nesting deeper than {@link #MAX_DEPTH} and more than
 * {@link #MAX_TOKENS} tokens. {@link Members#optional} refuses an object
 * in which a name that is asked for stands in another case, since other readers would have taken it.
 *
 * @param value the value
 * @param path where it stands, from {@code $}
 */
public record JsonCursor(JsonValue value, String path) {

    /** How deep objects and arrays may nest. */
    public static final int MAX_DEPTH = 64;

    /** How many characters a number may have. */
    public static final int MAX_NUMBER_LENGTH = 64;

    /**
     * How many tokens a text may have: names, values, and the beginnings and ends of objects and arrays. In memory they cost
     * many times what they cost in the text; the largest index has some 120,000.
     */
    public static final int MAX_TOKENS = 200_000;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(50_000)
                    .maxTokenCount(MAX_TOKENS)
                    .build())
            .build();

    /**
     * Parses one JSON value.
     *
     * @param utf8 the text; the caller has bounded its length
     * @throws JsonException when it is not exactly one strict JSON value
     */
    public static JsonCursor parse(byte[] utf8) throws JsonException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new JsonException("$", "the text is not UTF-8");
        }
        return parse(text);
    }

    /**
     * Parses one JSON value.
     *
     * @param text the text; the caller has bounded its length
     * @throws JsonException when it is not exactly one strict JSON value
     */
    public static JsonCursor parse(String text) throws JsonException {
        if (!text.isEmpty() && text.charAt(0) == '\uFEFF') {
            throw new JsonException("$", "the text begins with a byte order mark");
        }
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new JsonException("$", "the text is empty, expected a JSON value");
            }
            JsonValue value = read(parser, first);
            if (parser.nextToken() != null) {
                throw new JsonException("$", "data after the JSON value");
            }
            return new JsonCursor(value, "$");
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new JsonException(
                    "$", "not strict JSON" + where + ": " + Quoted.text(firstLine(e.getOriginalMessage())));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a String is read: no input or output takes place
        }
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private static JsonValue read(JsonParser parser, JsonToken token) throws IOException, JsonException {
        return switch (token) {
            case START_OBJECT -> {
                Map<String, JsonValue> members = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = wellFormed(parser.currentName(), parser);
                    if (members.containsKey(name)) {
                        throw new JsonException(
                                pathOf(parser.getParsingContext()), "duplicate key " + Quoted.text(name));
                    }
                    members.put(name, read(parser, parser.nextToken()));
                }
                yield new JsonObject(members);
            }
            case START_ARRAY -> {
                List<JsonValue> items = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    items.add(read(parser, next));
                }
                yield new JsonArray(items);
            }
            case VALUE_STRING -> new JsonString(wellFormed(parser.getText(), parser));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getText());
            case VALUE_TRUE -> new JsonBoolean(true);
            case VALUE_FALSE -> new JsonBoolean(false);
            case VALUE_NULL -> JsonNull.NULL;
            default -> throw new IllegalStateException("token " + token);
        };
    }

    /** The text, which has no half of a surrogate pair: such a text has no UTF-8, and readers replace it differently. */
    private static String wellFormed(String text, JsonParser parser) throws JsonException {
        if (!Surrogates.arePaired(text)) {
            throw new JsonException(
                    pathOf(parser.getParsingContext()), "half of a surrogate pair in " + Quoted.text(text));
        }
        return text;
    }

    /** Where the object or array stands that the parser is in; made only for a refusal, since it costs. */
    private static String pathOf(JsonStreamContext context) {
        JsonStreamContext parent = context.getParent();
        if (parent == null || parent.inRoot()) {
            return "$";
        }
        return parent.inArray()
                ? pathOf(parent) + "[" + parent.getCurrentIndex() + "]"
                : childPath(pathOf(parent), parent.getCurrentName());
    }

    /** This value as an object's members. */
    public Members object() throws JsonException {
        if (value instanceof JsonObject object) {
            return new Members(object, path);
        }
        throw expected("an object");
    }

    /** This value as an array's items. */
    public List<JsonCursor> array() throws JsonException {
        if (value instanceof JsonArray array) {
            List<JsonCursor> items = new ArrayList<>(array.items().size());
            for (JsonValue item : array.items()) {
                items.add(new JsonCursor(item, path + "[" + items.size() + "]"));
            }
            return items;
        }
        throw expected("an array");
    }

    /** This value as a string. */
    public String string() throws JsonException {
        if (value instanceof JsonString string) {
            return string.value();
        }
        throw expected("a string");
    }

    /** This value as a boolean. */
    public boolean bool() throws JsonException {
        if (value instanceof JsonBoolean bool) {
            return bool.value();
        }
        throw expected("a boolean");
    }

    /** This value as an integer from {@code least} to {@code most}. */
    public long integer(long least, long most) throws JsonException {
        if (value instanceof JsonNumber number && number.isInteger()) {
            try {
                long result = Long.parseLong(number.literal());
                if (result >= least && result <= most) {
                    return result;
                }
            } catch (NumberFormatException e) {
                // beyond a long: refused below, with the literal
            }
            throw new JsonException(
                    path, "got " + number.literal() + ", expected an integer from " + least + " to " + most);
        }
        throw expected("an integer");
    }

    /** This value as an array of strings. */
    public List<String> strings() throws JsonException {
        List<String> strings = new ArrayList<>();
        for (JsonCursor item : array()) {
            strings.add(item.string());
        }
        return List.copyOf(strings);
    }

    /** This value as an object whose members are all strings. */
    public Map<String, String> stringMap() throws JsonException {
        Map<String, String> result = new LinkedHashMap<>();
        for (Map.Entry<String, JsonCursor> member : object().all().entrySet()) {
            result.put(member.getKey(), member.getValue().string());
        }
        return Collections.unmodifiableMap(result);
    }

    /** A refusal of this value. */
    public JsonException refuse(String problem) {
        return new JsonException(path, problem);
    }

    private JsonException expected(String what) {
        return new JsonException(path, "got " + article(value.kind()) + ", expected " + what);
    }

    private static String article(String kind) {
        if (kind.equals("null")) {
            return kind;
        }
        return (kind.startsWith("a") || kind.startsWith("o") ? "an " : "a ") + kind;
    }

    /** An object's members, and the path of the object. */
    public static final class Members {
        private final JsonObject object;
        private final String path;

        private Members(JsonObject object, String path) {
            this.object = object;
            this.path = path;
        }

        /** The member of that name; refused when it is absent. A member that is {@code null} is present. */
        public JsonCursor required(String name) throws JsonException {
            Optional<JsonCursor> member = optional(name);
            if (member.isEmpty()) {
                throw new JsonException(path, "\"" + name + "\" is missing");
            }
            return member.get();
        }

        /** The member of that name, if there is one. A member that is {@code null} is present. */
        public Optional<JsonCursor> optional(String name) throws JsonException {
            for (String other : object.members().keySet()) {
                if (!other.equals(name)
                        && other.length() == name.length()
                        && other.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                    throw new JsonException(path, Quoted.text(other) + " differs from \"" + name + "\" only in case");
                }
            }
            return object.get(name).map(value -> new JsonCursor(value, childPath(path, name)));
        }

        /** The member of that name, if there is one that is not {@code null}: for formats whose writers emit nulls. */
        public Optional<JsonCursor> present(String name) throws JsonException {
            return optional(name).filter(member -> member.value() != JsonNull.NULL);
        }

        /** All members by name, in the order of the text. */
        public Map<String, JsonCursor> all() {
            Map<String, JsonCursor> all = new LinkedHashMap<>();
            object.members().forEach((name, value) -> all.put(name, new JsonCursor(value, childPath(path, name))));
            return Collections.unmodifiableMap(all);
        }

        /** The members' names, in the order of the text. */
        public Set<String> names() {
            return object.members().keySet();
        }

        /** The object itself. */
        public JsonObject value() {
            return object;
        }

        /** Where the object stands. */
        public String path() {
            return path;
        }

        /** Refuses the object when it has a member that is none of these. */
        public void allowOnly(String... names) throws JsonException {
            Set<String> allowed = Set.of(names);
            for (String name : object.members().keySet()) {
                if (!allowed.contains(name)) {
                    throw new JsonException(path, "unknown key " + Quoted.text(name));
                }
            }
        }
    }

    private static String childPath(String parent, String name) {
        boolean plain = !name.isEmpty()
                && name.length() <= Quoted.MAX_SHOWN
                && name.chars().allMatch(c -> c == '_' || c == '-' || isAlphanumeric(c));
        return plain ? parent + "." + name : parent + "[" + Quoted.text(name) + "]";
    }

    private static boolean isAlphanumeric(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
