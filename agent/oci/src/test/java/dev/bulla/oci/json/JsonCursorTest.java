package dev.bulla.oci.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCursorTest {

    private static JsonCursor parse(String text) throws JsonException {
        return JsonCursor.parse(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "false",
                "0",
                "-0",
                "-1.5e+10",
                "\"\"",
                "\"a\\u00e4\\n\\\"\\\\\\/\\ud83d\\ude00\"",
                "[]",
                "{}",
                " [ 1 , { \"a\" : null } ] \n",
            })
    void parse_value_isRead(String text) throws JsonException {
        assertThat(parse(text).path()).isEqualTo("$");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{\"a\":1,}",
                "[1 2]",
                "{} {}",
                "1 2",
                "{}x",
                "nul",
                "NaN",
                "Infinity",
                "-",
                "+1",
                "01",
                "1.",
                ".5",
                "1e",
                "0x10",
                "'a'",
                "{a:1}",
                "\"a",
                "\"\t\"",
                "\"\\x\"",
                "\"\\u12\"",
                "// c\n1",
                "/* c */1",
                "# c\n1",
                "\u00a01",
            })
    void parse_notStrict_isRefused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(JsonException.class)
                .hasMessageStartingWith("$")
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":1,\"a\":1}|$: duplicate key \"a\"",
                "{\"b\":[0,{\"a\":1,\"\\u0061\":2}]}|$.b[1]: duplicate key \"a\"",
                "{\"x y\":{\"\":1,\"\":2}}|duplicate key \"\"",
            })
    void parse_duplicateKey_isRefusedWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(JsonException.class).hasMessageContaining(message);
    }

    @Test
    void parse_byteOrderMark_isRefused() {
        assertThatThrownBy(() -> parse("\ufeff{}")).hasMessageContaining("byte order mark");
    }

    @Test
    void parse_otherEncodings_areRefused() {
        assertThatThrownBy(() -> JsonCursor.parse("{}".getBytes(StandardCharsets.UTF_16)))
                .isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> JsonCursor.parse("{}".getBytes(StandardCharsets.UTF_16LE)))
                .isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> JsonCursor.parse("\"\u00e4\"".getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void parse_overlongAndSurrogateBytes_areNoUtf8() {
        byte[] overlongSlash = {'"', (byte) 0xC0, (byte) 0xAF, '"'};
        byte[] encodedSurrogate = {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'};
        assertThatThrownBy(() -> JsonCursor.parse(overlongSlash)).hasMessageContaining("not UTF-8");
        assertThatThrownBy(() -> JsonCursor.parse(encodedSurrogate)).hasMessageContaining("not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"", "\"\\ude00\\ud83d\"", "{\"\\ud800\":1}"})
    void parse_halfSurrogatePair_isRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(JsonException.class).hasMessageContaining("surrogate pair");
    }

    @Test
    void parse_tokenThatDisguises_isQuoted() {
        assertThatThrownBy(() -> parse("tru\u202ee"))
                .hasMessageContaining("\\u{202e}")
                .hasMessageNotContaining("\u202e");
    }

    @Test
    void parse_depthAtTheLimit_isRead() throws JsonException {
        int depth = JsonCursor.MAX_DEPTH;
        assertThat(parse("[".repeat(depth) + "]".repeat(depth)).array()).hasSize(1);
        assertThat(parse("{\"a\":".repeat(depth) + "1" + "}".repeat(depth))
                        .object()
                        .names())
                .containsExactly("a");
        assertThatThrownBy(() -> parse("[".repeat(depth + 1) + "]".repeat(depth + 1)))
                .isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> parse("[".repeat(1_000_000))).isInstanceOf(JsonException.class);
    }

    @Test
    void parse_tokensAtTheLimit_areRead() throws JsonException {
        int most = JsonCursor.MAX_TOKENS - 2;
        assertThat(parse("[" + "0,".repeat(most - 1) + "0]").array()).hasSize(most);
        assertThatThrownBy(() -> parse("[" + "0,".repeat(most) + "0]")).isInstanceOf(JsonException.class);
    }

    @Test
    void parse_numberAtTheLimit_isRead() throws JsonException {
        assertThat(parse("1".repeat(JsonCursor.MAX_NUMBER_LENGTH)).value()).isInstanceOf(JsonNumber.class);
        assertThatThrownBy(() -> parse("1".repeat(JsonCursor.MAX_NUMBER_LENGTH + 1)))
                .isInstanceOf(JsonException.class);
    }

    @ParameterizedTest
    @CsvSource({"0", "9", "-9", "-0"})
    void integer_inRange_isRead(String literal) throws JsonException {
        assertThat(parse(literal).integer(-9, 9)).isEqualTo(Long.parseLong(literal));
    }

    @Test
    void integer_wholeRangeOfLong_isRead() throws JsonException {
        assertThat(parse("9223372036854775807").integer(Long.MIN_VALUE, Long.MAX_VALUE))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(parse("-9223372036854775808").integer(Long.MIN_VALUE, Long.MAX_VALUE))
                .isEqualTo(Long.MIN_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10",
                "-10",
                "1.0",
                "1e0",
                "9223372036854775808",
                "18446744073709551617",
                "\"1\"",
                "true",
                "null",
                "[1]"
            })
    void integer_anythingElse_isRefused(String literal) {
        assertThatThrownBy(() -> parse(literal).integer(-9, 9))
                .isInstanceOf(JsonException.class)
                .hasMessageStartingWith("$: got ");
    }

    @Test
    void members_otherCase_isRefusedWhereTheNameIsAskedFor() throws JsonException {
        JsonCursor.Members members = parse("{\"Layers\":1,\"other\":2}").object();
        assertThatThrownBy(() -> members.optional("layers")).hasMessageContaining("only in case");
        assertThatThrownBy(() -> members.required("layers")).hasMessageContaining("only in case");
        assertThat(members.required("other").integer(0, 9)).isEqualTo(2);
    }

    @Test
    void members_absentNullAndPresent_areToldApart() throws JsonException {
        JsonCursor.Members members = parse("{\"a\":null,\"b\":1}").object();
        assertThat(members.optional("a")).isPresent();
        assertThat(members.present("a")).isEmpty();
        assertThat(members.present("b")).isPresent();
        assertThat(members.optional("c")).isEmpty();
        assertThatThrownBy(() -> members.required("c")).hasMessage("$: \"c\" is missing");
    }

    @Test
    void allowOnly_unknownKey_isRefusedOnOneLine() throws JsonException {
        JsonCursor.Members members = parse("{\"a\":1,\"b\\n\\u001b[31m\":2}").object();
        assertThatThrownBy(() -> members.allowOnly("a"))
                .hasMessageContaining("unknown key")
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("\u001b");
        members.allowOnly("a", "b\n\u001b[31m");
    }

    @Test
    void path_nested_namesThePlace() throws JsonException {
        JsonCursor deep = parse("{\"a-b\":[{},{\"x.y\":{\"n\":\"s\"}}]}")
                .object()
                .required("a-b")
                .array()
                .get(1)
                .object()
                .required("x.y")
                .object()
                .required("n");
        assertThatThrownBy(() -> deep.integer(0, 1))
                .hasMessage("$.a-b[1][\"x.y\"].n: got a string, expected an integer");
        assertThat(deep.refuse("no").path()).isEqualTo("$.a-b[1][\"x.y\"].n");
    }

    @ParameterizedTest
    @CsvSource({
        "null, got null",
        "true, got a boolean",
        "1, got a number",
        "\"s\", got a string",
        "[], got an array",
    })
    void object_ofAnotherKind_isNamed(String text, String message) {
        assertThatThrownBy(() -> parse(text).object()).hasMessage("$: " + message + ", expected an object");
    }

    @Test
    void collections_ofOneKind_areRead() throws JsonException {
        assertThat(parse("[\"a\",\"b\"]").strings()).containsExactly("a", "b");
        assertThat(parse("{\"b\":\"1\",\"a\":\"2\"}").stringMap().keySet()).containsExactly("b", "a");
        assertThatThrownBy(() -> parse("[\"a\",1]").strings()).hasMessageStartingWith("$[1]: ");
        assertThatThrownBy(() -> parse("{\"a\":{}}").stringMap()).hasMessageStartingWith("$.a: ");
    }

    @Property
    void compact_everyValue_roundTrips(@ForAll("values") JsonValue value) throws JsonException {
        assertThat(parse(JsonWriter.compact(value)).value()).isEqualTo(value);
        assertThat(parse(JsonWriter.indented(value)).value()).isEqualTo(value);
    }

    @Property
    void canonical_everyValue_isStable(@ForAll("values") JsonValue value) throws JsonException {
        byte[] canonical = JsonWriter.canonical(value);
        assertThat(JsonWriter.canonical(JsonCursor.parse(canonical).value())).isEqualTo(canonical);
    }

    @Provide
    Arbitrary<JsonValue> values() {
        Arbitrary<String> text = Arbitraries.strings().all().ofMaxLength(8).filter(Surrogates::arePaired);
        Arbitrary<JsonValue> leaves = Arbitraries.oneOf(
                Arbitraries.just(JsonNull.NULL),
                Arbitraries.of(true, false).map(JsonBoolean::new),
                Arbitraries.longs().between(-(1L << 53), 1L << 53).map(JsonNumber::of),
                text.map(JsonString::new));
        return Arbitraries.recursive(
                () -> leaves,
                inner -> Arbitraries.oneOf(
                        inner.list().ofMaxSize(3).map(JsonArray::new),
                        Arbitraries.maps(text, inner).ofMaxSize(3).map(JsonObject::new)),
                0,
                3);
    }
}
