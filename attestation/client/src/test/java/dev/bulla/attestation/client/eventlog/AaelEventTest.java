package dev.bulla.attestation.client.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.oci.Digest;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The line of an event, and the bytes that are measured. */
class AaelEventTest {

    /** The values that guest-components' own tests expect. */
    @ParameterizedTest
    @CsvSource({
        "SHA256, 46df8dacf00a07d34a83cdf56d7978697790787cf2ba1432ef7c38f22cd96351",
        "SHA384, dad5f0e226318ffa9839b75a472c6aa7fdb5834949d0a0a22990cf04d5692440fb00f3aa0609db7e49cd8d793f670d02",
        "SHA512, b708d222ca8bd44dfe6ba0c4ca2cbb72379276fba8091025217064be45a813e5"
                + "d6124ccf073219edb617d1faf007d55061465bdf34b7437dbdc9a7405bd4e9c0"
    })
    void entry_knownEvent_hasTheKnownDigest(HashAlgorithm algorithm, String digest) {
        AaelEvent event = new AaelEvent("domain", "operation", "content");
        assertThat(HexFormat.of().formatHex(EventEntry.of(event, 1, algorithm).digest()))
                .isEqualTo(digest);
    }

    @Test
    void taggedEvent_text_isTagLengthText() {
        assertThat(new AaelEvent("d", "o", "c").taggedEvent())
                .containsExactly('L', 'E', 'A', 'A', 5, 0, 0, 0, 'd', ' ', 'o', ' ', 'c');
    }

    @Test
    void pullImage_content_isCanonical() throws Exception {
        Digest digest = Digest.Algorithm.SHA256.of(new byte[0]);
        assertThat(AaelEvent.pullImage("docker.io/library/a\"b:é", digest).text())
                .isEqualTo("github.com/confidential-containers PullImage {\"digest\":\"" + digest
                        + "\",\"image\":\"docker.io/library/a\\\"b:é\"}");
        assertThat(AaelEvent.policy(digest).text()).isEqualTo("dev.bulla Policy {\"digest\":\"" + digest + "\"}");
    }

    @Test
    void pullImage_newlineInTheName_isEscaped() throws Exception {
        Digest digest = Digest.Algorithm.SHA256.of(new byte[0]);
        assertThat(AaelEvent.pullImage("a\nb", digest).content()).contains("a\\nb");
        assertThatThrownBy(() -> AaelEvent.pullImage("a\ud800", digest)).isInstanceOf(EventLogException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\tb", "a\n", "é", "a\u007f"})
    void of_wordThatIsNone_isRefused(String word) {
        assertThatThrownBy(() -> AaelEvent.of(word, "o", "c"))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("domain");
        assertThatThrownBy(() -> AaelEvent.of("d", word, "c"))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("operation");
        assertThatThrownBy(() -> new AaelEvent(word, "o", "c")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\n", "a\r", "a\tb", "a\u0085", "a\u2028b", "a\u2029", "\ud800"})
    void of_contentThatIsNoLine_isRefused(String content) {
        assertThatThrownBy(() -> AaelEvent.of("d", "o", content))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("content");
    }

    @Test
    void of_text_atAndOverItsLimit() throws Exception {
        String longest = "x".repeat(AaelEvent.MAX_LENGTH - 4);
        assertThat(AaelEvent.of("d", "o", longest).taggedEvent()).hasSize(8 + AaelEvent.MAX_LENGTH);
        assertThatThrownBy(() -> AaelEvent.of("d", "o", longest + "x")).hasMessageContaining("limit");
        assertThatThrownBy(() -> AaelEvent.of("d", "o", longest.substring(1) + "é"))
                .hasMessageContaining("limit");
    }

    @Property(tries = 100)
    void entry_writtenAndRead_isTheSame(
            @ForAll @CharRange(from = '!', to = '~') @StringLength(min = 1, max = 30) String domain,
            @ForAll @CharRange(from = '!', to = '~') @StringLength(min = 1, max = 30) String operation,
            @ForAll @CharRange(from = ' ', to = '~') @StringLength(min = 1, max = 80) String content,
            @ForAll HashAlgorithm algorithm)
            throws Exception {
        AaelEvent event = new AaelEvent(domain, operation, content);
        byte[] log = EventEntry.of(event, 3, algorithm).bytes(algorithm);
        byte[] twice = Arrays.copyOf(log, log.length * 2);
        System.arraycopy(log, 0, twice, log.length, log.length);
        assertThat(EventEntry.parse(twice, algorithm))
                .hasSize(2)
                .allSatisfy(entry -> assertThat(entry.event()).isEqualTo(event))
                .allSatisfy(entry -> assertThat(entry.register()).isEqualTo(3));
    }
}
