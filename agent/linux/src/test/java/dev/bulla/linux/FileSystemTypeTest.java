package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FileSystemTypeTest {
    @Test
    void of_proc_hasItsMagic() throws Exception {
        FileSystemType type = FileSystemType.of(Path.of("/proc"));
        assertThat(type.magic()).isEqualTo(0x9fa0);
        assertThat(type).hasToString("file system 0x9fa0");
        assertThat(type.isMemory()).isFalse();
    }

    @Test
    void of_sharedMemory_isMemory() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isDirectory(memory), "/dev/shm");
        assumeTrue(FileSystemType.of(memory).equals(FileSystemType.TMPFS), "a tmpfs on /dev/shm");
        assertThat(FileSystemType.of(memory).isMemory()).isTrue();
        assertThat(FileSystemType.of(memory)).hasToString("tmpfs");
    }
}
