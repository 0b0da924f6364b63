package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.OciException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutNameTest {

    @ParameterizedTest
    @CsvSource({
        "oci:/a/b, /a/b, ''",
        "oci:/a/../b/, /b, ''",
        "oci:/a/b:v1, /a/b, v1",
        "oci:/a:docker.io/library/x:1@y, /a, docker.io/library/x:1@y",
    })
    void parse_name_isFolderAndTag(String text, String folder, String tag) throws OciException {
        LayoutName name = LayoutName.parse(text);
        assertThat(name.folder()).isEqualTo(Path.of(folder));
        assertThat(name.tag()).isEqualTo(Optional.of(tag).filter(t -> !t.isEmpty()));
        assertThat(LayoutName.parse(name.toString())).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/a", "oci:", "oci::tag", "oci:/a:", "oci:/a:-x", "oci:/a:x ", "oci:/a\u0000b", "docker://a"
            })
    void parse_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> LayoutName.parse(text))
                .isInstanceOf(OciException.class)
                .hasMessageStartingWith("image ");
    }
}
