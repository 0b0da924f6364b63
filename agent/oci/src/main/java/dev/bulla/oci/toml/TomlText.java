package dev.bulla.oci.toml;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;

/**
 * Reads TOML 1.0.
 *
 * <p>Tables become objects, arrays (of tables too) arrays, integers, finite floats, booleans and strings what they are.
 *
 * <p><b>Security.</b> UTF-8 only; a key that is defined twice is refused; dates, times, {@code inf} and {@code nan}, which no
 * configuration of ours has, are refused; text longer than {@link #MAX_LENGTH} is refused before it is parsed.
 */
public final class TomlText {
    /** The longest text in bytes. */
    public static final int MAX_LENGTH = 1024 * 1024;

    private static final int MAX_DEPTH = JsonCursor.MAX_DEPTH;

    private TomlText() {}

    /**
     * Parses a document.
     *
     * @param utf8 the text
     * @return its root table, at the path {@code $}
     * @throws TomlException when it is not TOML 1.0, or has what is refused here; says the line and column where it can
     */
    public static JsonCursor parse(byte[] utf8) throws TomlException {
        if (utf8.length > MAX_LENGTH) {
            throw new TomlException("TOML of " + utf8.length + " bytes, limit " + MAX_LENGTH);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new TomlException("the TOML is not UTF-8");
        }
        TomlParseResult result;
        try {
            result = Toml.parse(text, TomlVersion.V1_0_0);
        } catch (StackOverflowError e) { // the parser descends once a bracket, and sets no limit of its own
            throw new TomlException("the TOML nests too deeply", e);
        }
        if (result.hasErrors()) {
            TomlParseError first = result.errors().getFirst();
            throw new TomlException("not TOML 1.0 at line " + first.position().line() + ", column "
                    + first.position().column() + ": " + Quoted.text(String.valueOf(first.getMessage())));
        }
        return new JsonCursor(table(result, "$", 1), "$");
    }

    private static JsonObject table(TomlTable table, String path, int depth) throws TomlException {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : table.entrySet()) {
            members.put(entry.getKey(), value(entry.getValue(), path + "." + Quoted.text(entry.getKey()), depth));
        }
        return new JsonObject(members);
    }

    private static JsonValue value(Object value, String path, int depth) throws TomlException {
        if (depth > MAX_DEPTH) {
            throw new TomlException("the TOML nests deeper than " + MAX_DEPTH);
        }
        return switch (value) {
            case String text -> new JsonString(text);
            case Long number -> JsonNumber.of(number);
            case Boolean bool -> new JsonBoolean(bool);
            case Double number
            when Double.isFinite(number) ->
                new JsonNumber(BigDecimal.valueOf(number).toPlainString());
            case TomlTable table -> table(table, path, depth + 1);
            case TomlArray array -> {
                List<JsonValue> items = new ArrayList<>();
                for (int i = 0; i < array.size(); i++) {
                    items.add(value(array.get(i), path + "[" + i + "]", depth + 1));
                }
                yield new JsonArray(items);
            }
            default -> throw new TomlException(path + ": dates, times, inf and nan are not taken here");
        };
    }

    /** Thrown when a text is not the TOML that was expected. */
    public static final class TomlException extends OciException {
        private static final long serialVersionUID = 1L;

        TomlException(String message) {
            super(message);
        }

        TomlException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
