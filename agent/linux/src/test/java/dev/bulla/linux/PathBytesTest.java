package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathBytesTest {
    @TempDir
    Path folder;

    @Test
    void of_nameThatIsNoText_roundTripsThroughTheFileSystem() throws Exception {
        byte[] name = {'a', (byte) 0xff, (byte) 0xc3, '%', '2', 'F', ' ', '\n', (byte) 0x80};
        Path file = PathBytes.resolve(folder, name);
        Files.writeString(file, "x");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            Path entry = entries.iterator().next();
            assertThat(PathBytes.nameOf(entry)).isEqualTo(name);
            assertThat(FileStatus.of(entry).size()).isEqualTo(1);
        }
    }

    @Test
    void of_folderWithNonAsciiName_hasNoTrailingSlash() throws Exception {
        byte[] name = "größe".getBytes(StandardCharsets.UTF_8);
        Path made = Files.createDirectory(PathBytes.resolve(folder, name));
        assertThat(PathBytes.nameOf(made)).isEqualTo(name);
        assertThat(PathBytes.nameOf(PathBytes.resolve(made, name))).isEqualTo(name);
    }

    @Test
    void of_ascii_isItsText() {
        assertThat(PathBytes.of(Path.of("a/b"))).isEqualTo("a/b".getBytes(StandardCharsets.US_ASCII));
        assertThat(PathBytes.of(Path.of("/"))).isEqualTo("/".getBytes(StandardCharsets.US_ASCII));
        assertThat(PathBytes.nameOf(Path.of("b"))).isEqualTo("b".getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a\0b"})
    void resolve_notOneName_refused(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> PathBytes.resolve(folder, bytes)).isInstanceOf(IllegalArgumentException.class);
    }
}
