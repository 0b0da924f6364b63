package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SymbolicLinksTest {
    @TempDir
    Path folder;

    @Test
    void target_relativeBeyondAscii_isWhatStandsInTheLink() throws Exception {
        byte[] name = "größe".getBytes(StandardCharsets.UTF_8);
        // Made of bytes: the locale may have no such letters.
        Path relative = folder.relativize(PathBytes.resolve(folder, name));
        assertTarget(relative, "größe");
        assertTarget(Path.of("..").resolve(relative), "../größe");
        assertTarget(Path.of("/").resolve(relative), "/größe");
        assertTarget(Path.of("ascii"), "ascii");
        assertTarget(Path.of("x".repeat(4095)), "x".repeat(4095));
    }

    private void assertTarget(Path target, String expected) throws Exception {
        Path link = folder.resolve("link");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, target);
        assertThat(SymbolicLinks.target(link)).isEqualTo(expected.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void target_noLink_refused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        OpenFileTest.assertErrno(Errno.EINVAL, () -> SymbolicLinks.target(file));
        OpenFileTest.assertErrno(Errno.ENOENT, () -> SymbolicLinks.target(folder.resolve("no")));
    }
}
