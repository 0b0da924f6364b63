package dev.bulla.oci.toml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.oci.toml.TomlText.TomlException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TomlTextTest {

    private static JsonCursor parse(String text) throws TomlException {
        return TomlText.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void parse_everyKindOfValue_becomesJson() throws Exception {
        JsonCursor root = parse("""
                version = "0.1.0"
                count = 3
                ratio = 1.5
                on = true
                [data]
                "aa.toml" = '''
                [token_configs]
                '''
                [[plugins]]
                name = "resource"
                list = ["a", 'b']
                inline = { x = 1 }
                """);
        assertThat(root.object().required("version").string()).isEqualTo("0.1.0");
        assertThat(root.object().required("count").integer(0, 9)).isEqualTo(3);
        assertThat(root.object().required("on").bool()).isTrue();
        assertThat(root.object().required("data").stringMap()).containsEntry("aa.toml", "[token_configs]\n");
        assertThat(JsonWriter.compact(root.object().required("plugins").value()))
                .isEqualTo("[{\"name\":\"resource\",\"list\":[\"a\",\"b\"],\"inline\":{\"x\":1}}]");
        assertThat(JsonWriter.compact(root.object().required("ratio").value())).isEqualTo("1.5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = 1\na = 2",
                "[t]\n[t]",
                "a = 1979-05-27",
                "a = inf",
                "a = nan",
                "a = ",
                "a",
                "= 1",
                "a = 'x",
                "a = \"\\q\"",
                "a = 1 b = 2",
                "[a]\nb = 1\n[a.b]\nc = 2"
            })
    void parse_whatIsNotTakenHere_isRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(TomlException.class);
    }

    @Test
    void parse_malformed_saysLineAndColumn() {
        assertThatThrownBy(() -> parse("a = 1\nb = ?")).hasMessageContaining("line 2, column 5");
    }

    @Test
    void parse_notUtf8_isRefused() {
        assertThatThrownBy(() -> TomlText.parse(new byte[] {'a', '=', '"', (byte) 0xff, '"'}))
                .isInstanceOf(TomlException.class);
    }

    @Test
    void parse_deepNesting_isRefused() throws Exception {
        String deep = "a = " + "[".repeat(50_000) + "]".repeat(50_000);
        assertThatThrownBy(() -> parse(deep)).isInstanceOf(TomlException.class);
        assertThat(parse("a = " + "[".repeat(64) + "]".repeat(64)).object().names())
                .containsExactly("a");
        assertThatThrownBy(() -> parse("a = " + "[".repeat(65) + "]".repeat(65)))
                .isInstanceOf(TomlException.class);
    }

    @Test
    void parse_length_isLimited() throws Exception {
        byte[] text = new byte[TomlText.MAX_LENGTH];
        Arrays.fill(text, (byte) '\n');
        text[0] = '#';
        assertThat(TomlText.parse(text).object().names()).isEmpty();
        assertThatThrownBy(() -> TomlText.parse(new byte[TomlText.MAX_LENGTH + 1]))
                .hasMessageContaining("limit");
    }

    @FuzzTest
    void parse_anyBytes_areReadOrRefused(byte[] input) {
        try {
            TomlText.parse(input);
        } catch (TomlException e) {
            // refused
        }
    }
}
