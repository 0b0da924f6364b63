package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.ImageReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LookasideConfigurationTest {
    private static final String DIGEST = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    @TempDir
    private Path folder;

    private static LookasideConfiguration parse(String yaml) throws LookasideConfigurationException {
        return LookasideConfiguration.parse(yaml.getBytes(StandardCharsets.UTF_8));
    }

    private void file(String name, String yaml) throws Exception {
        Files.writeString(folder.resolve(name), yaml);
    }

    @ParameterizedTest
    @CsvSource({
        "reg.example:5000/ns/app:1, http://tag",
        "reg.example:5000/ns/app@" + DIGEST + ", http://digest",
        "reg.example:5000/ns/app:1@" + DIGEST + ", http://digest",
        "reg.example:5000/ns/app:2, http://repository",
        "reg.example:5000/ns/other, http://namespace",
        "reg.example:5000/third/app, http://host",
        "reg.example/ns/app, http://domain",
        "a.b.example/x, http://domain",
        "busybox, http://official",
        "quay.test/x, http://otherwise"
    })
    void lookaside_mostSpecificScope_decides(String image, String expected) throws Exception {
        LookasideConfiguration configuration = parse("""
                default-docker: {lookaside: "http://otherwise"}
                docker:
                  reg.example:5000/ns/app:1: {lookaside: "http://tag"}
                  reg.example:5000/ns/app@%s: {lookaside: "http://digest"}
                  reg.example:5000/ns/app: {lookaside: "http://repository"}
                  reg.example:5000/ns: {lookaside: "http://namespace"}
                  reg.example:5000: {lookaside: "http://host"}
                  "*.example": {lookaside: "http://domain"}
                  docker.io/library: {lookaside: "http://official"}
                """.formatted(DIGEST));
        assertThat(configuration.storeOf(ImageReference.parse(image))).contains(expected + "/");
    }

    @Test
    void lookaside_scopeWithoutOne_leavesItToTheNext() throws Exception {
        LookasideConfiguration configuration = parse("""
                default-docker:
                  lookaside: file:///otherwise
                docker:
                  reg.example/ns/app:
                    use-sigstore-attachments: true
                  reg.example/ns:
                    lookaside-staging: file:///staging
                    lookaside: ""
                  reg.example:
                """);
        assertThat(configuration.storeOf(ImageReference.parse("reg.example/ns/app")))
                .contains("file:///otherwise");
    }

    @Test
    void lookaside_formerName_isRead() throws Exception {
        assertThat(parse("docker: {r.example: {sigstore: 'https://former.example/s'}}")
                        .storeOf(ImageReference.parse("r.example/a")))
                .contains("https://former.example/s");
    }

    @Test
    void lookaside_bothNames_isThePresentOne() throws Exception {
        assertThat(parse("docker: {r.example: {sigstore: 'https://former', lookaside: 'https://present'}}")
                        .storeOf(ImageReference.parse("r.example/a")))
                .contains("https://present/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "docker:", "default-docker:", "docker: {}", "other: {}"})
    void lookaside_nothingConfigured_isNone(String yaml) throws Exception {
        assertThat(parse(yaml).storeOf(ImageReference.parse("r.example/a"))).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://h/x",
                "h/x",
                "/x",
                "file://host/x",
                "file:x",
                "file:///a/../b",
                "file:///a?b",
                "https://user:secret@h/x",
                "https://h/x?a=b",
                "https://h/x#f",
                "https:///x",
                "https://h/ x",
                "kbs:///x"
            })
    void parse_otherUrl_isRefusedWithItsPath(String url) {
        assertThatThrownBy(() -> parse("docker: {r.example: {lookaside: '" + url + "'}}"))
                .isInstanceOf(LookasideConfigurationException.class)
                .hasMessageContaining("lookaside")
                .hasMessageContaining("expected file:///FOLDER");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "docker: []",
                "docker: {r.example: x}",
                "docker: {r.example: {lookaside: 1}}",
                "docker: {r.example: {lookaside-staging: 'ftp://x'}}",
                "docker: {r.example: {use-sigstore-attachments: 'perhaps'}}",
                "docker: {r.example: {}, r.example: {}}",
                "default-docker: x",
                "docker: {"
            })
    void parse_malformed_isRefused(String yaml) {
        assertThatThrownBy(() -> parse(yaml)).isInstanceOf(LookasideConfigurationException.class);
    }

    @Test
    void parse_unknownKeys_areIgnoredAndKept() throws Exception {
        LookasideConfiguration configuration = parse("dokcer: {}\ndocker: {r.example: {lokaside: x}}");
        assertThat(configuration.storeOf(ImageReference.parse("r.example/a"))).isEmpty();
        assertThat(configuration.ignored())
                .anySatisfy(line -> assertThat(line).contains("dokcer"))
                .anySatisfy(line -> assertThat(line).contains("lokaside"))
                .hasSize(2);
    }

    @Test
    void read_folder_takesItsYamlFilesOnly() throws Exception {
        file("a.yaml", "docker: {a.example: {lookaside: 'http://a'}}");
        file("b.yaml", "docker: {b.example: {lookaside: 'http://b'}}");
        file("c.yml", "docker: {c.example: {lookaside: 'http://c'}}");
        LookasideConfiguration configuration = LookasideConfiguration.read(folder);
        assertThat(configuration.storeOf(ImageReference.parse("a.example/x"))).contains("http://a/");
        assertThat(configuration.storeOf(ImageReference.parse("b.example/x"))).contains("http://b/");
        assertThat(configuration.storeOf(ImageReference.parse("c.example/x"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker: {r.example: {}}", "default-docker: {}"})
    void read_twoFilesSayingTheSame_areRefused(String yaml) throws Exception {
        file("a.yaml", yaml);
        file("b.yaml", yaml);
        assertThatThrownBy(() -> LookasideConfiguration.read(folder))
                .isInstanceOf(LookasideConfigurationException.class)
                .hasMessageContaining("a.yaml")
                .hasMessageContaining("b.yaml");
    }

    @Test
    void read_absentFolder_isRefused() {
        assertThatThrownBy(() -> LookasideConfiguration.read(folder.resolve("none")))
                .isInstanceOf(LookasideConfigurationException.class);
    }

    @Test
    void read_asManyFilesAsAllowed_areRead() throws Exception {
        for (int i = 0; i < LookasideConfiguration.MAX_FILES; i++) {
            file(i + ".yaml", "");
        }
        assertThat(LookasideConfiguration.read(folder).ignored()).isEmpty();
        file("more.yaml", "");
        assertThatThrownBy(() -> LookasideConfiguration.read(folder)).hasMessageContaining("more than 256");
    }

    @Test
    void read_fileOverTheLimit_isRefused() throws Exception {
        file("a.yaml", "#" + "x".repeat(LookasideConfiguration.MAX_FILE_SIZE));
        assertThatThrownBy(() -> LookasideConfiguration.read(folder)).hasMessageContaining("limit");
    }
}
