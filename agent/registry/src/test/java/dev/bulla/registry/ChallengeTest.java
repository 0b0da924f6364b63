package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NotBlank;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class ChallengeTest {

    private static List<Challenge> parse(String... headers) {
        return Challenge.parse(List.of(headers));
    }

    @Test
    void parse_bearer_givesItsParameters() {
        assertThat(parse(
                        "Bearer realm=\"https://auth.example/token\",service=\"reg\",scope=\"repository:a:pull,push\""))
                .containsExactly(new Challenge(
                        "bearer",
                        Map.of(
                                "realm",
                                "https://auth.example/token",
                                "service",
                                "reg",
                                "scope",
                                "repository:a:pull,push")));
    }

    @Test
    void parse_namesInAnyCase_areLowerCase() {
        assertThat(parse("bEARER ReAlM = x , ERROR=\"E\""))
                .containsExactly(new Challenge("bearer", Map.of("realm", "x", "error", "E")));
    }

    @Test
    void parse_escapes_areUndone() {
        assertThat(parse("Basic realm=\"a \\\"b\\\\c\\\" d\"").getFirst().parameter("realm"))
                .contains("a \"b\\c\" d");
    }

    @Test
    void parse_severalInOneHeader_areAllFound() {
        assertThat(parse("Negotiate, Basic realm=\"a, Bearer b\", charset=utf-8, Bearer realm=\"c\""))
                .extracting(Challenge::scheme)
                .containsExactly("negotiate", "basic", "bearer");
    }

    @Test
    void parse_severalHeaders_areAllFound() {
        assertThat(parse("Basic realm=a", "Bearer realm=b"))
                .extracting(Challenge::scheme)
                .containsExactly("basic", "bearer");
    }

    @Test
    void parse_token68_isPassedOver() {
        assertThat(parse("Negotiate YWJj/+Zg==, Basic realm=\"x\""))
                .extracting(Challenge::scheme)
                .contains("negotiate", "basic");
        assertThat(parse("NTLM abc=, Basic realm=\"x\"").getLast())
                .isEqualTo(new Challenge("basic", Map.of("realm", "x")));
    }

    @Test
    void parse_parameterTwice_firstCounts() {
        assertThat(parse("Bearer realm=a, realm=b").getFirst().parameter("realm"))
                .contains("a");
    }

    @Test
    void parse_emptyParameter_isAbsent() {
        assertThat(parse("Bearer realm=\"\"").getFirst().parameter("realm")).isEmpty();
    }

    @Test
    void parse_rubbish_givesNothingOrEnds() {
        assertThat(parse("", ",,,", "=", "\"unterminated", "\u0000\u0001")).isEmpty();
        assertThat(parse("Bearer realm=\"unterminated").getFirst().parameter("realm"))
                .contains("unterminated");
        assertThat(parse("Bearer realm=\"x\\").getFirst().scheme()).isEqualTo("bearer");
    }

    @Test
    void parse_atTheLimit_isRead() {
        String header = "Bearer realm=x";
        assertThat(parse(header + " ".repeat(Challenge.MAX_LENGTH - header.length())))
                .hasSize(1);
        assertThat(parse(header + " ".repeat(Challenge.MAX_LENGTH + 1 - header.length())))
                .isEmpty();
    }

    @Property
    void parse_quotedAnything_roundTrips(
            @ForAll @AlphaChars @NotBlank @StringLength(max = 20) String scheme,
            @ForAll @StringLength(max = 200) String value) {
        String quoted = value.replace("\\", "\\\\").replace("\"", "\\\"");
        List<Challenge> challenges = parse(scheme + " realm=\"" + quoted + "\", Basic realm=\"after\"");
        assertThat(challenges.getFirst().parameters()).containsEntry("realm", value);
        assertThat(challenges.getLast().parameters()).containsEntry("realm", "after");
    }
}
