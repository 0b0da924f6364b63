package dev.bulla.oci.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.oci.yaml.YamlText.YamlException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTextTest {

    private static JsonCursor parse(String text) throws YamlException {
        return YamlText.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String json(String text) throws YamlException {
        return JsonWriter.compact(parse(text).value());
    }

    @Test
    void parse_everyKindOfValue_becomesJson() throws Exception {
        assertThat(json("""
                # a comment
                text: plain words
                quoted: "a: b"
                block: |
                  two
                  lines
                count: 3
                ratio: 1.5
                on: true
                off: False
                none:
                tilde: ~
                list:
                - a
                - {x: 1, y: [2]}
                registry.example:5000/a:
                  lookaside: https://sigs.example/a
                """))
                .isEqualTo("{\"text\":\"plain words\",\"quoted\":\"a: b\",\"block\":\"two\\nlines\\n\",\"count\":3,"
                        + "\"ratio\":1.5,\"on\":true,\"off\":false,\"none\":null,\"tilde\":null,"
                        + "\"list\":[\"a\",{\"x\":1,\"y\":[2]}],"
                        + "\"registry.example:5000/a\":{\"lookaside\":\"https://sigs.example/a\"}}");
    }

    @Test
    void parse_yesAndItsLike_areStrings() throws Exception {
        assertThat(json("[yes, on, y]")).isEqualTo("[\"yes\",\"on\",\"y\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing", "---\n", "~"})
    void parse_noContent_isNull(String text) throws Exception {
        assertThat(json(text)).isEqualTo("null");
    }

    @Test
    void parse_alias_isWhatItNames() throws Exception {
        assertThat(json("a: &x [1]\nb: *x")).isEqualTo("{\"a\":[1],\"b\":[1]}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                'a: 1\na: 2'            | the key "a" stands twice at line 2, column 1
                '1: a'                  | the key is no string
                '[a]: b'                | Non scalar key
                'true: b'               | the key is no string
                'a: !!binary aGk='      | is none of the core schema's
                'a: !thing b'           | is none of the core schema's
                '!!set {a, b}'          | is none of the core schema's
                'a: 0x1F'               | is not written as JSON writes it
                'a: .inf'               | is not written as JSON writes it
                'a: +1'                 | is not written as JSON writes it
                'a: [1'                 | not YAML 1.2 at line
                'a: b: c'               | not YAML 1.2 at line 1
                'a: "x'                 | not YAML 1.2 at line
                'a: *none'              | not YAML 1.2 at line 1
                'a: @x'                 | not YAML 1.2 at line 1
                '--- 1\n--- 2'          | not YAML 1.2 at line 2
                """)
    void parse_whatIsRefused_saysWhatAndWhere(String text, String message) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(YamlException.class).hasMessageContaining(message);
    }

    @Test
    void parse_mergeKey_addsWhatIsNotThere() throws Exception {
        assertThat(json("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3"))
                .isEqualTo("{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":3,\"c\":2}}");
    }

    @Test
    void parse_notUtf8_isRefused() {
        assertThatThrownBy(() -> YamlText.parse(new byte[] {'a', ':', ' ', (byte) 0xFF}))
                .isInstanceOf(YamlException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void parse_lengthAtTheLimit_isRead() throws Exception {
        assertThat(json("#" + "x".repeat(YamlText.MAX_LENGTH - 1))).isEqualTo("null");
    }

    @Test
    void parse_lengthOverTheLimit_isRefused() {
        assertThatThrownBy(() -> parse("#" + "x".repeat(YamlText.MAX_LENGTH))).hasMessageContaining("limit 1048576");
    }

    @Test
    void parse_depthAtTheLimit_isRead() throws Exception {
        int brackets = JsonCursor.MAX_DEPTH - 1;
        assertThat(json("[".repeat(brackets) + "1" + "]".repeat(brackets))).startsWith("[[");
    }

    @ParameterizedTest
    @ValueSource(ints = {JsonCursor.MAX_DEPTH, 400_000})
    void parse_depthOverTheLimit_isRefused(int brackets) {
        assertThatThrownBy(() -> parse("[".repeat(brackets) + "1" + "]".repeat(brackets)))
                .isInstanceOf(YamlException.class)
                .hasMessageContaining("nests");
    }

    @Test
    void parse_valuesAtTheLimit_areRead() throws Exception {
        assertThat(parse("[" + "1,".repeat(YamlText.MAX_VALUES - 1) + "]").array())
                .hasSize(YamlText.MAX_VALUES - 1);
    }

    @Test
    void parse_valuesOverTheLimit_areRefused() {
        assertThatThrownBy(() -> parse("[" + "1,".repeat(YamlText.MAX_VALUES) + "]"))
                .hasMessageContaining("more than 100000 values");
    }

    @Test
    void parse_whatAliasesRepeat_countsEachTime() {
        String list = "a: &a [" + "1,".repeat(3000) + "]\nb: [";
        assertThatThrownBy(() -> parse(list + "*a,".repeat(40) + "]")).hasMessageContaining("more than 100000 values");
    }

    @Test
    void parse_aliasesAtTheLibrarysLimit_areRead() throws Exception {
        assertThat(parse("a: &a [1]\nb: [" + "*a,".repeat(50) + "]")
                        .object()
                        .required("b")
                        .array())
                .hasSize(50);
    }

    @Test
    void parse_moreAliases_areRefused() {
        assertThatThrownBy(() -> parse("a: &a [1]\nb: [" + "*a,".repeat(51) + "]"))
                .hasMessageContaining("exceeds the specified max=50");
    }

    @Test
    void parse_aliasOfItself_isRefused() {
        assertThatThrownBy(() -> parse("a: &a [*a]")).isInstanceOf(YamlException.class);
    }

    @FuzzTest(maxDuration = "30s")
    void yaml(byte[] bytes) {
        try {
            var _ = JsonWriter.compact(YamlText.parse(bytes).value());
        } catch (YamlException e) {
            String message = e.getMessage();
            if (message.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalStateException(
                        "a control character in a message: " + Arrays.toString(message.toCharArray()), e);
            }
        }
    }
}
