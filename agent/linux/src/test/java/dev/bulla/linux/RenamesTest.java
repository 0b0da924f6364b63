package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenamesTest {
    @TempDir
    Path folder;

    @Test
    void withoutReplacing_freeName_moves() throws Exception {
        Path from = Files.writeString(folder.resolve("from"), "x");
        Path to = folder.resolve("to");
        Renames.withoutReplacing(from, to);
        assertThat(to).hasContent("x");
        assertThat(from).doesNotExist();
    }

    @Test
    void withoutReplacing_takenName_refusedAndBothStay() throws Exception {
        Path from = Files.writeString(folder.resolve("from"), "x");
        Path to = Files.writeString(folder.resolve("to"), "y");
        OpenFileTest.assertErrno(Errno.EEXIST, () -> Renames.withoutReplacing(from, to));
        assertThat(from).hasContent("x");
        assertThat(to).hasContent("y");
    }
}
