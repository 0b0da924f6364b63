package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecialFilesTest {
    @TempDir
    Path folder;

    @Test
    void fifo_made_isAFifo() throws Exception {
        SpecialFiles.fifo(folder.resolve("fifo"), 0600);
        assertThat(FileStatus.of(folder.resolve("fifo")).mode()).isEqualTo(FileStatus.TYPE_FIFO | 0600);
        OpenFileTest.assertErrno(Errno.EEXIST, () -> SpecialFiles.fifo(folder.resolve("fifo"), 0600));
    }

    @Test
    void devices_largeNumbers_comeBack() throws Exception {
        assumeTrue(Identity.effectiveUser() == 0, "root");
        SpecialFiles.characterDevice(folder.resolve("c"), 0600, 4095, 1048575);
        SpecialFiles.blockDevice(folder.resolve("b"), 0600, 259, 300);
        FileStatus c = FileStatus.of(folder.resolve("c"));
        FileStatus b = FileStatus.of(folder.resolve("b"));
        assertThat(c.mode()).isEqualTo(FileStatus.TYPE_CHARACTER | 0600);
        assertThat(c.deviceMajor()).isEqualTo(4095);
        assertThat(c.deviceMinor()).isEqualTo(1048575);
        assertThat(b.mode()).isEqualTo(FileStatus.TYPE_BLOCK | 0600);
        assertThat(b.deviceMajor()).isEqualTo(259);
        assertThat(b.deviceMinor()).isEqualTo(300);
    }

    @Test
    void device_numberOutOfRange_refused() {
        assertThat(SpecialFiles.device(1, 3)).isEqualTo(0x103);
        assertThatThrownBy(() -> SpecialFiles.device(4096, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SpecialFiles.device(0, 1 << 20)).isInstanceOf(IllegalArgumentException.class);
    }
}
