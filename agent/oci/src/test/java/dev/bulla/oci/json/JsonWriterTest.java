package dev.bulla.oci.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonWriterTest {

    private static String canonical(String json) throws JsonException {
        return new String(JsonWriter.canonical(JsonCursor.parse(json).value()), UTF_8);
    }

    /** RFC 8785 §3.2.2 (without its floating-point numbers) and §3.2.4. */
    @Test
    void canonical_example_isTheRfcs() throws JsonException {
        String input =
                "{\n  \"numbers\": [333333333, 4, 2, 0, 1],\n  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022"
                        + "\\u005c\\\\\\\"\\/\",\n  \"literals\": [null, true, false]\n}";
        assertThat(canonical(input))
                .isEqualTo("{\"literals\":[null,true,false],\"numbers\":[333333333,4,2,0,1],"
                        + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    /** RFC 8785 §3.2.3: by UTF-16 code units, so that a surrogate pair stands before U+FB33. */
    @Test
    void canonical_names_areSortedByUtf16CodeUnits() throws JsonException {
        String input =
                "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\","
                        + "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
                        + "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}";
        assertThat(canonical(input))
                .isEqualTo("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                        + "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
                        + "\"\ud83d\ude00\":\"Emoji: Grinning Face\","
                        + "\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
    }

    @ParameterizedTest
    @CsvSource({"-0, 0", "0, 0", "9007199254740992, 9007199254740992", "-9007199254740992, -9007199254740992"})
    void canonical_integer_isPlain(String literal, String expected) throws JsonException {
        assertThat(canonical(literal)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "1e3", "1.0", "9007199254740993", "-9007199254740993"})
    void canonical_numberThatIsNoExactInteger_isRefused(String literal) {
        assertThatThrownBy(() -> canonical(literal)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void canonical_controlCharacters_areEscapedAsTheRfcSays() {
        StringBuilder controls = new StringBuilder();
        for (char c = 0; c <= 0x20; c++) {
            controls.append(c);
        }
        assertThat(JsonWriter.compact(new JsonString(controls + "\u007f\u2028")))
                .isEqualTo(
                        "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f"
                                + "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c"
                                + "\\u001d\\u001e\\u001f \u007f\u2028\"");
    }

    @Test
    void write_halfSurrogatePair_isRefused() {
        assertThatThrownBy(() -> JsonWriter.canonical(new JsonString("a\ud800")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        JsonWriter.compact(JsonObject.builder().put("\udc00", 1).build()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compact_object_keepsItsOrderAndNumbers() throws JsonException {
        String json = "{\"b\":[1.50,-0,1E+2],\"a\":{}}";
        assertThat(JsonWriter.compact(JsonCursor.parse(json).value())).isEqualTo(json);
    }

    @Test
    void indented_nested_isReadable() {
        JsonObject object = JsonObject.builder()
                .put("a", JsonArray.ofStrings(List.of("x", "y")))
                .put("b", new JsonArray(List.of()))
                .put("c", JsonObject.builder().put("d", true).build())
                .build();
        assertThat(JsonWriter.indented(object)).isEqualTo("""
                        {
                          "a": [
                            "x",
                            "y"
                          ],
                          "b": [],
                          "c": {
                            "d": true
                          }
                        }""");
    }

    @Test
    void builder_nameTwice_isADefect() {
        assertThatThrownBy(() -> JsonObject.builder().put("a", 1).put("a", 2))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "1,\"x\":2", "NaN", "+1", "1.", " 1", "1\n"})
    void number_noLiteral_isRefused(String literal) {
        assertThatThrownBy(() -> new JsonNumber(literal)).isInstanceOf(IllegalArgumentException.class);
    }
}
