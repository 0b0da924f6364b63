package dev.bulla.guest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.OciException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest",
        "docker://localhost:5000/a/b:1, localhost:5000/a/b:1",
        "oci:/images/demo, oci:/images/demo",
        "oci:/images/demo:v1, oci:/images/demo:v1"
    })
    void parse_name_isNormalised(String text, String normalised) throws Exception {
        assertThat(ImageName.parse(text).toString()).isEqualTo(normalised);
    }

    @Test
    void parse_layout_splitsAtTheFirstColon() throws Exception {
        assertThat(ImageName.parse("oci:a:b"))
                .isEqualTo(new ImageName.Layout(Path.of("a").toAbsolutePath(), Optional.of("b")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "oci:", "oci::tag", "oci:dir:", "docker://", "UPPER/case:é", "a@sha256:12"})
    void parse_noName_throws(String text) {
        assertThatThrownBy(() -> ImageName.parse(text)).isInstanceOf(OciException.class);
    }
}
