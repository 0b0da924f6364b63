package dev.bulla.kbs.rego;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Values as JSON: a set becomes an array in its order, a key that is no string its own JSON. */
final class JsonForm {
    /** Beyond it an exponent is refused before a number is made of it. */
    private static final int MAX_EXPONENT_DIGITS = 4;

    /** How many characters the keys of a value may come to that are no strings. */
    static final int MAX_KEY_TEXTS = 1 << 20;

    private JsonForm() {}

    /** The number that a literal of JSON's grammar is. */
    static BigDecimal decimal(String literal) throws RegoException {
        int exponent = Math.max(literal.indexOf('e'), literal.indexOf('E'));
        if ((exponent >= 0 && literal.length() - exponent > MAX_EXPONENT_DIGITS + 2)
                || literal.length() > 3 * RegoValue.NumberValue.MAX_DIGITS) {
            throw new RegoException("a number has more than " + RegoValue.NumberValue.MAX_DIGITS + " digits");
        }
        return new BigDecimal(literal);
    }

    static RegoValue read(JsonValue json) throws RegoException {
        return read(json, 0);
    }

    private static RegoValue read(JsonValue json, int depth) throws RegoException {
        if (depth > RegoValue.MAX_DEPTH) {
            throw new RegoException("a value nests deeper than " + RegoValue.MAX_DEPTH);
        }
        return switch (json) {
            case JsonNull n -> RegoValue.NullValue.NULL;
            case JsonBoolean b -> RegoValue.BooleanValue.of(b.value());
            case JsonNumber n -> RegoValue.NumberValue.of(decimal(n.literal()));
            case JsonString s -> RegoValue.TextValue.of(s.value());
            case JsonArray a -> {
                List<RegoValue> items = new ArrayList<>(a.items().size());
                for (JsonValue item : a.items()) {
                    items.add(read(item, depth + 1));
                }
                yield RegoValue.ArrayValue.of(items);
            }
            case JsonObject o -> {
                Map<RegoValue, RegoValue> members = new TreeMap<>();
                for (Map.Entry<String, JsonValue> member : o.members().entrySet()) {
                    members.put(RegoValue.TextValue.of(member.getKey()), read(member.getValue(), depth + 1));
                }
                yield RegoValue.ObjectValue.of(members);
            }
        };
    }

    static JsonValue write(RegoValue value) throws RegoException {
        return new KeyTexts().write(value);
    }

    /**
     * Writes a value, and counts the texts of keys that are no strings: in an object that is a key of an object that is a key each
     * quote is escaped again, so that they double with each level.
     */
    private static final class KeyTexts {
        private long length;

        JsonValue write(RegoValue value) throws RegoException {
            return switch (value) {
                case RegoValue.NullValue n -> JsonNull.NULL;
                case RegoValue.BooleanValue b -> new JsonBoolean(b.value());
                case RegoValue.NumberValue n -> new JsonNumber(literal(n));
                case RegoValue.TextValue t -> new JsonString(t.value());
                case RegoValue.ArrayValue a -> writeAll(a.items());
                case RegoValue.SetValue s -> writeAll(s.items());
                case RegoValue.ObjectValue o -> {
                    Map<String, JsonValue> members = new LinkedHashMap<>();
                    for (Map.Entry<RegoValue, RegoValue> member : o.members().entrySet()) {
                        if (members.put(key(member.getKey()), write(member.getValue())) != null) {
                            throw new RegoException("two keys of an object are the same in JSON");
                        }
                    }
                    yield new JsonObject(members);
                }
            };
        }

        private JsonArray writeAll(Collection<RegoValue> values) throws RegoException {
            List<JsonValue> items = new ArrayList<>(values.size());
            for (RegoValue value : values) {
                items.add(write(value));
            }
            return new JsonArray(items);
        }

        private String key(RegoValue key) throws RegoException {
            if (key instanceof RegoValue.TextValue(String text)) {
                return text;
            }
            String text = JsonWriter.compact(write(key));
            length += text.length();
            if (length > MAX_KEY_TEXTS) {
                throw new RegoException("keys that are no strings have more than " + MAX_KEY_TEXTS + " characters");
            }
            return text;
        }
    }

    /** An integer without exponent, which JSON's readers take for one. */
    static String literal(RegoValue.NumberValue number) {
        return number.value().toPlainString();
    }
}
