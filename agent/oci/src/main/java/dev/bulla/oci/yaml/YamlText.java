package dev.bulla.oci.yaml;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one document of YAML 1.2 by its core schema.
 *
 * <p>Mappings become objects, sequences arrays; {@code true} is a boolean and {@code yes} a string. A document without
 * content is {@code null}.
 *
 * <p><b>Security.</b> The library parses and builds no object. UTF-8 only; a key that stands twice or is no string is
 * refused, as are tags other than the schema's, further documents, and numbers that JSON does not write; what aliases and merge
 * keys repeat counts each time, and the whole has at most {@link #MAX_VALUES} values; text longer than {@link #MAX_LENGTH} is refused
 * before it is parsed.
 */
public final class YamlText {
    /** The longest text in bytes. */
    public static final int MAX_LENGTH = 1024 * 1024;

    /** The most values of a document, those that aliases repeat included. */
    public static final int MAX_VALUES = 100_000;

    private static final int MAX_DEPTH = JsonCursor.MAX_DEPTH;

    private int values;

    private YamlText() {}

    /**
     * Parses a document.
     *
     * @param utf8 the text
     * @return its root, at the path {@code $}
     * @throws YamlException when it is not YAML 1.2, or has what is refused here; says the line and column where it can
     */
    public static JsonCursor parse(byte[] utf8) throws YamlException {
        if (utf8.length > MAX_LENGTH) {
            throw new YamlException("YAML of " + utf8.length + " bytes, limit " + MAX_LENGTH);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new YamlException("the YAML is not UTF-8", e);
        }
        Optional<Node> root;
        try {
            root = new Compose(LoadSettings.builder()
                            .setSchema(new CoreSchema())
                            .setCodePointLimit(MAX_LENGTH)
                            .build())
                    .composeString(text);
        } catch (MarkedYamlEngineException e) {
            throw new YamlException(
                    "not YAML 1.2" + place(e.getProblemMark()) + ": " + Quoted.text(String.valueOf(e.getProblem())), e);
        } catch (YamlEngineException e) {
            throw new YamlException("not YAML 1.2: " + Quoted.text(String.valueOf(e.getMessage())), e);
        } catch (StackOverflowError e) { // the parser descends once a bracket, and sets no limit of its own
            throw new YamlException("the YAML nests too deeply", e);
        }
        return new JsonCursor(root.isEmpty() ? JsonNull.NULL : new YamlText().value(root.get(), 1), "$");
    }

    private JsonValue value(Node node, int depth) throws YamlException {
        if (depth > MAX_DEPTH) {
            throw refuse(node, "the YAML nests deeper than " + MAX_DEPTH);
        }
        if (++values > MAX_VALUES) {
            throw refuse(node, "the YAML has more than " + MAX_VALUES + " values");
        }
        return switch (node) {
            case MappingNode mapping when mapping.getTag().equals(Tag.MAP) -> object(mapping, depth);
            case SequenceNode sequence
            when sequence.getTag().equals(Tag.SEQ) -> {
                List<JsonValue> items = new ArrayList<>();
                for (Node item : sequence.getValue()) {
                    items.add(value(item, depth + 1));
                }
                yield new JsonArray(items);
            }
            case ScalarNode scalar -> scalar(scalar);
            default -> throw foreign(node);
        };
    }

    private JsonObject object(MappingNode mapping, int depth) throws YamlException {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key) || !key.getTag().equals(Tag.STR)) {
                throw refuse(entry.getKeyNode(), "the key is no string");
            }
            if (members.putIfAbsent(key.getValue(), value(entry.getValueNode(), depth + 1)) != null) {
                throw refuse(key, "the key " + Quoted.text(key.getValue()) + " stands twice");
            }
        }
        return new JsonObject(members);
    }

    private static JsonValue scalar(ScalarNode scalar) throws YamlException {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.STR)) {
            return new JsonString(text);
        }
        if (tag.equals(Tag.NULL)) {
            return JsonNull.NULL;
        }
        if (tag.equals(Tag.BOOL)) {
            return new JsonBoolean(text.toLowerCase(Locale.ROOT).equals("true"));
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            try {
                return new JsonNumber(text);
            } catch (IllegalArgumentException e) {
                throw refuse(scalar, "the number " + Quoted.text(text) + " is not written as JSON writes it");
            }
        }
        throw foreign(scalar);
    }

    private static YamlException foreign(Node node) {
        return refuse(
                node,
                "the tag " + Quoted.text(String.valueOf(node.getTag().getValue())) + " is none of the core schema's");
    }

    private static YamlException refuse(Node node, String problem) {
        return new YamlException(problem + place(node.getStartMark()));
    }

    private static String place(Optional<Mark> mark) {
        return mark.map(at -> " at line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1))
                .orElse("");
    }

    /** Thrown when a text is not the YAML that was expected. */
    public static final class YamlException extends OciException {
        private static final long serialVersionUID = 1L;

        YamlException(String message) {
            super(message);
        }

        YamlException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
