package dev.bulla.oci.json;

import dev.bulla.oci.Quoted;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON: compact, indented, or canonical by RFC 8785. A string with half of a surrogate pair has no UTF-8 form and
 * is refused with an {@link IllegalArgumentException}.
 */
public final class JsonWriter {
    private static final BigInteger LARGEST_EXACT = BigInteger.ONE.shiftLeft(53);

    private final StringBuilder out = new StringBuilder();
    private final boolean indent;
    private final boolean canonical;

    private JsonWriter(boolean indent, boolean canonical) {
        this.indent = indent;
        this.canonical = canonical;
    }

    /** The value without white space, members in their own order. */
    public static String compact(JsonValue value) {
        return new JsonWriter(false, false).write(value, 0);
    }

    /** The value indented by two spaces, members in their own order, without a newline at the end. */
    public static String indented(JsonValue value) {
        return new JsonWriter(true, false).write(value, 0);
    }

    /**
     * The canonical form of RFC 8785 (JCS), in UTF-8.
     *
     * @throws IllegalArgumentException for a number that is no integer of at most 53 bits: no document of ours has one,
     *     and the rest of ECMAScript's number formatting would be code without a use
     */
    public static byte[] canonical(JsonValue value) {
        return new JsonWriter(false, true).write(value, 0).getBytes(StandardCharsets.UTF_8);
    }

    private String write(JsonValue value, int depth) {
        append(value, depth);
        return out.toString();
    }

    private void append(JsonValue value, int depth) {
        switch (value) {
            case JsonNull n -> out.append("null");
            case JsonBoolean b -> out.append(b.value());
            case JsonNumber n -> appendNumber(n);
            case JsonString s -> appendString(s.value());
            case JsonArray a -> {
                out.append('[');
                Iterator<JsonValue> items = a.items().iterator();
                while (items.hasNext()) {
                    newline(depth + 1);
                    append(items.next(), depth + 1);
                    if (items.hasNext()) {
                        out.append(',');
                    }
                }
                if (!a.items().isEmpty()) {
                    newline(depth);
                }
                out.append(']');
            }
            case JsonObject o -> {
                out.append('{');
                List<Map.Entry<String, JsonValue>> members =
                        List.copyOf(o.members().entrySet());
                if (canonical) {
                    // String.compareTo compares UTF-16 code units, which is the order RFC 8785 §3.2.3 asks for.
                    members = members.stream()
                            .sorted(Comparator.comparing(Map.Entry::getKey))
                            .toList();
                }
                Iterator<Map.Entry<String, JsonValue>> entries = members.iterator();
                while (entries.hasNext()) {
                    Map.Entry<String, JsonValue> entry = entries.next();
                    newline(depth + 1);
                    appendString(entry.getKey());
                    out.append(indent ? ": " : ":");
                    append(entry.getValue(), depth + 1);
                    if (entries.hasNext()) {
                        out.append(',');
                    }
                }
                if (!members.isEmpty()) {
                    newline(depth);
                }
                out.append('}');
            }
        }
    }

    private void newline(int depth) {
        if (indent) {
            out.append('\n').append("  ".repeat(depth));
        }
    }

    private void appendNumber(JsonNumber number) {
        if (!canonical) {
            out.append(number.literal());
            return;
        }
        if (!number.isInteger()) {
            throw new IllegalArgumentException("no canonical form for the number " + number.literal());
        }
        BigInteger integer = new BigInteger(number.literal());
        if (integer.abs().compareTo(LARGEST_EXACT) > 0) {
            throw new IllegalArgumentException("no canonical form for the number " + number.literal());
        }
        out.append(integer);
    }

    private void appendString(String string) {
        if (!Surrogates.arePaired(string)) {
            throw new IllegalArgumentException("half of a surrogate pair has no UTF-8: " + Quoted.text(string));
        }
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20) {
                        out.append("\\u00")
                                .append(Character.forDigit(c >> 4, 16))
                                .append(Character.forDigit(c & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
