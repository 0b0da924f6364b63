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
        for (String target : new String[] {"größe", "../größe", "/größe", "ascii", "x".repeat(4095)}) {
            Path link = folder.resolve("link");
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of(target));
            assertThat(SymbolicLinks.target(link)).isEqualTo(target.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void target_noLink_refused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        OpenFileTest.assertErrno(Errno.EINVAL, () -> SymbolicLinks.target(file));
        OpenFileTest.assertErrno(Errno.ENOENT, () -> SymbolicLinks.target(folder.resolve("no")));
    }
}
