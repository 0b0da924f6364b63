package dev.bulla.kbs.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointPatternTest {

    @Test
    void matches_wholePathsOnly() throws Exception {
        EndpointPattern resources = EndpointPattern.parse("^/kbs/v0/resource/[a-z]+/(key|cert)/.+$");
        assertThat(resources.matches("/kbs/v0/resource/a/key/1")).isTrue();
        assertThat(resources.matches("/kbs/v0/resource/a/other/1")).isFalse();
        assertThat(resources.matches("/x/kbs/v0/resource/a/key/1")).isFalse();
        assertThat(EndpointPattern.parse("^/kbs/v0/resource-policy$").matches("/kbs/v0/resource-policy/x"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/kbs/.+$",
                "^/kbs/.+",
                "^/kbs/.+\\$",
                "^/other$",
                "^/kbs/a$|^.*$",
                "^/kbs/(?=a)a$",
                "^/kbs/(?<n>a)$",
                "^/kbs/(a)\\1$",
                "^/kbs/(a$",
            })
    void parse_notUsable_refused(String text) {
        assertThatThrownBy(() -> EndpointPattern.parse(text))
                .isInstanceOf(AdminException.class)
                .hasMessageStartingWith("allowed_endpoints");
    }

    @Test
    void parse_length_atAndOverTheLimit() throws Exception {
        String filler = "a".repeat(EndpointPattern.MAX_LENGTH - "^/kbs$".length());
        EndpointPattern.parse("^/kbs" + filler + "$");
        assertThatThrownBy(() -> EndpointPattern.parse("^/kbs" + filler + "a$")).isInstanceOf(AdminException.class);
    }

    @Test
    void matches_expensiveExpression_givesUp() throws Exception {
        EndpointPattern expensive = EndpointPattern.parse("^/kbs/(([a-z]+)*/?)*x$");
        assertThat(expensive.matches("/kbs/" + "a".repeat(60) + "!")).isFalse();
    }

    @Test
    void matches_deepExpression_givesUp() throws Exception {
        EndpointPattern deep = EndpointPattern.parse("^/kbs/(a|b|/)+$");
        assertThat(deep.matches("/kbs/" + "ab".repeat(100))).isTrue();
        assertThat(deep.matches("/kbs/" + "ab".repeat(1_000_000))).isFalse();
    }
}
