package dev.bulla.oci.json;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import java.util.regex.Pattern;

/**
 * A JSON number, kept as it was written so that nothing is rounded before somebody asks for a type.
 *
 * @param literal the number's text by RFC 8259's grammar
 */
public record JsonNumber(String literal) implements JsonValue {
    private static final Pattern GRAMMAR = Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

    public JsonNumber {
        requireNonNull(literal, "literal is null");
        if (!GRAMMAR.matcher(literal).matches()) {
            throw new IllegalArgumentException("not a JSON number: " + Quoted.text(literal));
        }
    }

    /** The number that {@code value} is. */
    public static JsonNumber of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /** Whether the literal has neither fraction nor exponent. */
    public boolean isInteger() {
        return literal.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E');
    }
}
