package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSignatureKeysTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private List<ImageSignatureKey> keys(String section) throws PolicyException {
        Policy policy = Policy.parse(
                ("{\"default\":[{\"type\":\"reject\"}],\"bulla\":{\"version\":1" + section + "}}")
                        .getBytes(StandardCharsets.UTF_8),
                "test");
        return new PolicyEvaluator(policy, new FileResources(), Clocks.now(), folder).imageSignatureKeys();
    }

    @Test
    void imageSignatureKeys_withoutTheSection_areNone() throws PolicyException {
        assertThat(keys("")).isEmpty();
    }

    @Test
    void imageSignatureKeys_inThePolicy_areGiven() throws PolicyException {
        List<ImageSignatureKey> keys = keys(",\"imageSignatures\":{\"keyDatas\":[\"YQ==\",\"Yg==\"]}");
        assertThat(keys).extracting(ImageSignatureKey::pem).containsExactly(new byte[] {'a'}, new byte[] {'b'});
        assertThat(keys.getFirst().origin()).contains("imageSignatures");
    }

    @Test
    void imageSignatureKeys_inAFileBesideThePolicy_areRead() throws Exception {
        Files.writeString(folder.resolve("key.pem"), "key");
        assertThat(keys(",\"imageSignatures\":{\"keyPath\":\"key.pem\"}"))
                .extracting(key -> new String(key.pem(), StandardCharsets.US_ASCII))
                .containsExactly("key");
    }

    @Test
    void imageSignatureKeys_fileThatIsNot_isRefused() {
        assertThatThrownBy(() -> keys(",\"imageSignatures\":{\"keyPath\":\"none.pem\"}"))
                .isInstanceOf(PolicyException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "{\"keyPaths\":[]}",
                "{\"keyPath\":\"a\",\"keyData\":\"YQ==\"}",
                "{\"keyPath\":\"a\",\"other\":1}",
                "{\"keyData\":\"!\"}"
            })
    void imageSignatureKeys_malformedSection_isRefused(String section) {
        assertThatThrownBy(() -> keys(",\"imageSignatures\":" + section)).isInstanceOf(PolicyException.class);
    }
}
