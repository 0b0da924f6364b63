package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotedTest {

    @ParameterizedTest
    @CsvSource({
        "abc, abc",
        "a\\b, a\\\\b",
        "\u00e4\u4e2d\ud83d\ude00, \u00e4\u4e2d\ud83d\ude00",
        "a\u001b[31m, a\\u{1b}[31m",
        "a\u0000b, a\\u{0}b",
        "a\u007fb, a\\u{7f}b",
        "a\u009bb, a\\u{9b}b",
        "a\u202eb, a\\u{202e}b",
        "a\u200bb, a\\u{200b}b",
        "a\ufeffb, a\\u{feff}b",
        "a\u2028b, a\\u{2028}b",
        "a\u2029b, a\\u{2029}b",
        "a\ud800b, a\\u{d800}b",
        "a\uffffb, a\\u{ffff}b",
    })
    void text_charactersThatDisguise_areEscaped(String text, String expected) {
        assertThat(Quoted.text(text)).isEqualTo("\"" + expected + "\"");
    }

    @Test
    void text_lineBreaksAndQuotes_areEscaped() {
        assertThat(Quoted.text("a\r\n\"b\"\t")).isEqualTo("\"a\\u{d}\\u{a}\\\"b\\\"\\u{9}\"");
    }

    @Test
    void text_atTheLimit_isWhole() {
        assertThat(Quoted.text("x".repeat(Quoted.MAX_SHOWN))).isEqualTo("\"" + "x".repeat(200) + "\"");
        assertThat(Quoted.text("x".repeat(Quoted.MAX_SHOWN + 1))).isEqualTo("\"" + "x".repeat(200) + "…\"");
    }

    @Property
    void text_anything_isOneBoundedLine(@ForAll String text) {
        String quoted = Quoted.text(text);
        assertThat(quoted).startsWith("\"").endsWith("\"");
        assertThat(quoted.chars().anyMatch(Character::isISOControl)).isFalse();
        assertThat(quoted.length()).isLessThanOrEqualTo(Quoted.MAX_SHOWN * 10 + 3);
    }
}
