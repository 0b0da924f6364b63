package dev.bulla.policy.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimpleSigningPayloadTest {
    private static final String DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String CRITICAL = "'critical':{'type':'cosign container image signature','image':"
            + "{'docker-manifest-digest':'" + DIGEST + "'},'identity':{'docker-reference':'a.b/c:1'}}";

    private static SimpleSigningPayload parse(String text) throws SignatureRejectedException {
        return SimpleSigningPayload.parse(
                text.replace('\'', '"').getBytes(StandardCharsets.UTF_8), SimpleSigningPayload.Type.COSIGN);
    }

    @Test
    void parse_optionalNull_accepted() throws Exception {
        SimpleSigningPayload payload = parse("{" + CRITICAL + ",'optional':null}");
        assertThat(payload.manifestDigest()).hasToString(DIGEST);
        assertThat(payload.dockerReference()).isEqualTo("a.b/c:1");
        assertThat(payload.creator()).isEmpty();
        assertThat(payload.timestamp()).isEmpty();
    }

    @Test
    void parse_optional_read() throws Exception {
        SimpleSigningPayload payload =
                parse("{" + CRITICAL + ",'optional':{'creator':'c','timestamp':-1,'other':[1.5]}}");
        assertThat(payload.creator()).contains("c");
        assertThat(payload.timestamp()).contains(-1L);
    }

    @Test
    void parse_theOtherType_refused() {
        byte[] json = ("{" + CRITICAL + ",'optional':{}}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> SimpleSigningPayload.parse(json, SimpleSigningPayload.Type.ATOMIC))
                .withMessageContaining("$.critical.type")
                .withMessageContaining("expected \"atomic container signature\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ''                                                | $: got a string
            {CRITICAL}                                        | $: "optional" is missing
            {CRITICAL,'optional':[]}                          | $.optional: got an array
            {CRITICAL,'optional':{},'optional':{}}            | $: duplicate key "optional"
            {CRITICAL,'optional':{},'Optional':{}}            | $: unknown key "Optional"
            {CRITICAL,'optional':{'timestamp':1e3}}           | $.optional.timestamp
            {CRITICAL,'optional':{'timestamp':'1'}}           | $.optional.timestamp: got a string
            {CRITICAL,'optional':{'creator':null}}            | $.optional.creator: got null
            {CRITICAL,'optional':null} x                      | not strict JSON
            {CRITICAL,'optional':null}{}                      | data after
            """)
    void parse_notTheShape_refused(String text, String message) {
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> parse(text.replace("CRITICAL", CRITICAL)))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.PAYLOAD));
    }
}
