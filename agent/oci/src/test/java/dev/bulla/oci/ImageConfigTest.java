package dev.bulla.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageConfigTest {
    private static final String DIGEST = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String PLATFORM = "\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"";
    private static final String ROOTFS = "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + DIGEST + "\"]}";

    private static ImageConfig parse(String members) throws OciException {
        return ImageConfig.parse(("{" + members + "}").getBytes(UTF_8));
    }

    @Test
    void parse_everything_isRead() throws OciException {
        ImageConfig config = parse(PLATFORM + "," + ROOTFS + ",\"history\":[{}],\"config\":{\"User\":\"1:2\","
                + "\"Env\":[\"A=b\"],\"Entrypoint\":[\"/e\"],\"Cmd\":[\"c\"],\"WorkingDir\":\"/w\","
                + "\"Volumes\":{\"/v\":{}},\"Labels\":{\"l\":\"m\"},\"ExposedPorts\":{\"80/tcp\":{}}}");
        assertThat(config.platform()).hasToString("linux/arm/v7");
        assertThat(config.diffIds()).containsExactly(Digest.parse(DIGEST));
        ImageConfig.Execution execution = config.execution();
        assertThat(execution.user()).isEqualTo("1:2");
        assertThat(execution.env()).containsExactly("A=b");
        assertThat(execution.entrypoint()).containsExactly("/e");
        assertThat(execution.cmd()).containsExactly("c");
        assertThat(execution.workingDir()).isEqualTo("/w");
        assertThat(execution.volumes()).containsExactly("/v");
        assertThat(execution.labels()).containsEntry("l", "m");
    }

    @Test
    void parse_variantThatIsNoWord_throws() {
        assertThatThrownBy(() ->
                        parse("\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\\npolicy accept\"," + ROOTFS))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("$.variant");
    }

    @Test
    void parse_withoutConfig_hasEmptyDefaults() throws OciException {
        ImageConfig.Execution execution = parse(PLATFORM + "," + ROOTFS).execution();
        assertThat(execution.user()).isEmpty();
        assertThat(execution.env()).isEmpty();
    }

    @Test
    void parse_nullsThatDockerWrites_areAbsent() throws OciException {
        ImageConfig.Execution execution = parse(PLATFORM + "," + ROOTFS
                        + ",\"config\":{\"Cmd\":null,\"Entrypoint\":null,\"Env\":null,\"Volumes\":null,"
                        + "\"Labels\":null,\"User\":null}")
                .execution();
        assertThat(execution.cmd()).isEmpty();
        assertThat(execution.volumes()).isEmpty();
    }

    @Test
    void parse_emptyVariant_isNone() throws OciException {
        assertThat(parse("\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"\"," + ROOTFS)
                        .platform())
                .hasToString("linux/amd64");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "P|\"rootfs\" is missing",
                "R|\"os\" is missing",
                "\"os\":\"linux\",R|\"architecture\" is missing",
                "P,\"rootfs\":{\"type\":\"layers\"}|$.rootfs: \"diff_ids\" is missing",
                "P,\"rootfs\":{\"type\":\"layers+base\",\"diff_ids\":[]}|$.rootfs.type: got \"layers+base\"",
                "P,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"x\"]}|$.rootfs.diff_ids[0]: digest \"x\"",
                "P,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[7]}|$.rootfs.diff_ids[0]",
                "P,R,\"config\":[]|$.config",
                "P,R,\"config\":{\"Env\":\"A=b\"}|$.config.Env",
                "P,R,\"config\":{\"User\":1000}|$.config.User",
                "P,R,\"config\":{\"User\":\"a\",\"user\":\"b\"}|only in case",
                "P,R,\"config\":{\"Labels\":{\"a\":1}}|$.config.Labels.a",
            })
    void parse_malformed_isRefusedWithItsPlace(String members, String message) {
        String json = members.replace("P", PLATFORM).replace("R", ROOTFS);
        assertThatThrownBy(() -> parse(json)).isInstanceOf(OciException.class).hasMessageContaining(message);
    }

    @Test
    void parse_atTheLimit_isRead() throws OciException {
        byte[] document = ("{" + PLATFORM + "," + ROOTFS + "}").getBytes(UTF_8);
        byte[] padded = Arrays.copyOf(document, ImageConfig.MAX_SIZE);
        Arrays.fill(padded, document.length, padded.length, (byte) '\n');
        assertThat(ImageConfig.parse(padded).diffIds()).hasSize(1);
        assertThatThrownBy(() -> ImageConfig.parse(Arrays.copyOf(padded, ImageConfig.MAX_SIZE + 1)))
                .hasMessageContaining("expected at most 4194304");
    }
}
