package dev.bulla.attestation.client.evidence.tsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.linux.Errno;
import dev.bulla.linux.LinuxException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The paths that are used; what the kernel does behind them is {@link KernelTsmTest}'s. */
class ConfigfsReportsTest {
    @TempDir
    Path folder;

    @Test
    void present_onlyAFolder_counts() throws Exception {
        assertThat(TsmReportFiles.in(folder).present()).isTrue();
        assertThat(TsmReportFiles.in(folder.resolve("absent")).present()).isFalse();
        assertThat(TsmReportFiles.in(Files.createFile(folder.resolve("file"))).present())
                .isFalse();
    }

    @Test
    void entry_createdAndRemoved_isAFolder() throws Exception {
        TsmReportFiles files = TsmReportFiles.in(folder);
        files.create("e");
        assertThat(folder.resolve("e")).isDirectory();
        assertThatThrownBy(() -> files.create("e")).isInstanceOf(FileAlreadyExistsException.class);
        files.remove("e");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void attribute_readAndWritten_isTheFileOfItsName() throws Exception {
        TsmReportFiles files = TsmReportFiles.in(folder);
        files.create("e");
        assertThatThrownBy(() -> files.write("e", TsmAttribute.INBLOB, new byte[1]))
                .isInstanceOf(NoSuchFileException.class);
        Files.createFile(folder.resolve("e/inblob"));
        files.write("e", TsmAttribute.INBLOB, new byte[] {1, 2});
        assertThat(folder.resolve("e/inblob")).hasBinaryContent(new byte[] {1, 2});
        Files.write(folder.resolve("e/privlevel_floor"), new byte[] {'1', '\n'});
        assertThat(files.read("e", TsmAttribute.PRIVLEVEL_FLOOR, 2)).containsExactly('1', '\n');
        assertThatThrownBy(() -> files.read("e", TsmAttribute.PRIVLEVEL_FLOOR, 1))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.is(Errno.EFBIG)).isTrue());
        assertThatThrownBy(() -> files.read("e", TsmAttribute.AUXBLOB, 1))
                .isInstanceOfSatisfying(
                        LinuxException.class,
                        e -> assertThat(e.is(Errno.ENOENT)).isTrue());
    }
}
