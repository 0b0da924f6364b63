package dev.bulla.kbs.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceBase64Test {

    private static JsonCursor json(String text) throws JsonException {
        return JsonCursor.parse("\"" + text + "\"");
    }

    @Test
    void standard_canonical_decoded() throws Exception {
        assertThat(EvidenceBase64.standard(json("+/8="), 2)).containsExactly(0xFB, 0xFF);
        assertThat(EvidenceBase64.standard(json(""), 0)).isEmpty();
    }

    @Test
    void urlSafe_canonicalWithPaddingAndWithout_decoded() throws Exception {
        assertThat(EvidenceBase64.urlSafe(json("-_8="), 2)).containsExactly(0xFB, 0xFF);
        assertThat(EvidenceBase64.urlSafe(json("-_8"), 2)).containsExactly(0xFB, 0xFF);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+/8", "+/9=", "+/8==", "-_8=", "!", "+/8=\\n", " +/8="})
    void standard_otherSpelling_refused(String text) {
        assertThatThrownBy(() -> EvidenceBase64.standard(json(text), 64))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("expected base64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-_9=", "-_9", "+/8=", "-_8==", "!"})
    void urlSafe_otherSpelling_refused(String text) {
        assertThatThrownBy(() -> EvidenceBase64.urlSafe(json(text), 64))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("expected base64");
    }

    @Test
    void standard_limit_holdsAndRefusesOver() throws Exception {
        for (int most = 1; most < 7; most++) {
            String full = Base64.getEncoder().encodeToString(new byte[most]);
            String over = Base64.getEncoder().encodeToString(new byte[most + 1]);
            int limit = most;
            assertThat(EvidenceBase64.standard(json(full), most)).hasSize(most);
            assertThatThrownBy(() -> EvidenceBase64.standard(json(over), limit))
                    .isInstanceOf(JsonException.class)
                    .hasMessageContaining("expected at most");
        }
    }
}
