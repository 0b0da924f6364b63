package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NextPageTest {
    private static final HttpUrl PAGE = HttpUrl.get("https://registry.example/v2/app/referrers/x");

    private static Optional<HttpUrl> next(String header) throws RegistryProtocolException {
        return NextPage.of(List.of(header), PAGE, "page");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "</v2/app/referrers/x?n=2>; rel=\"next\"",
                "</v2/app/referrers/x?n=2>;rel=next",
                " </v2/app/referrers/x?n=2> ; title=a; REL = \"Next\" ",
                "<https://other.example/>; rel=\"prev\", </v2/app/referrers/x?n=2>; rel=\"last next\""
            })
    void of_nextLink_isResolved(String header) throws Exception {
        assertThat(next(header)).contains(HttpUrl.get("https://registry.example/v2/app/referrers/x?n=2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "</2>",
                "</2>; rel=\"prev\"",
                "</2>; rel=\"nextish\"",
                "</2>; notrel=\"next\"",
                "</2>; rel=\"nex t\""
            })
    void of_otherRelation_isTheLastPage(String header) throws Exception {
        assertThat(next(header)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"next", "</2", "</2>; rel=\"next\" <", "<ftp://a/>; rel=\"next\""})
    void of_noLink_refused(String header) {
        assertThatExceptionOfType(RegistryProtocolException.class)
                .isThrownBy(() -> next(header))
                .withMessageContaining("expected <URL>");
    }

    /** As long as a header can be, and hours of work for a pattern that tries things twice. */
    @Test
    void of_longHeaders_areReadOnce() throws Exception {
        String blanks = " ".repeat(250_000);
        assertThatExceptionOfType(RegistryProtocolException.class).isThrownBy(() -> next("<a>" + blanks + "<"));
        assertThatExceptionOfType(RegistryProtocolException.class).isThrownBy(() -> next("<a>;" + blanks + "<"));
        assertThat(next("<a>;" + ";rel=\"next next".repeat(16_000))).isEmpty();
    }
}
