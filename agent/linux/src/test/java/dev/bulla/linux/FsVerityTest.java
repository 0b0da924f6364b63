package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FsVerityTest {
    @TempDir
    Path folder;

    @Test
    void enable_thenMeasure_givesTheKnownDigest() throws Exception {
        FsVerity verity = FsVerity.ofKernel();
        Path file = Files.write(folder.resolve("file"), "hello world\n".getBytes(StandardCharsets.US_ASCII));
        try (OpenFile open = OpenFile.read(file)) {
            assertThat(verity.measure(open)).isEmpty();
            try {
                verity.enable(open, FsVerity.Hash.SHA256, 4096);
            } catch (LinuxException e) {
                assumeTrue(!FsVerity.isNotOffered(e), "fs-verity on " + FileSystemType.of(folder));
                throw e;
            }
            assertThat(verity.measure(open))
                    .contains(new FsVerity.Measurement(
                            FsVerity.Hash.SHA256, "37061ef2ac4c21bec68489b56138c5780306a4ad7fe6676236ecdf2c9027cd92"));
            OpenFileTest.assertErrno(Errno.EEXIST, () -> verity.enable(open, FsVerity.Hash.SHA256, 4096));
        }
    }

    @Test
    void enable_onMemory_isNotOffered() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && FileSystemType.of(memory).isMemory(), "a tmpfs on /dev/shm");
        Path file = Files.createTempFile(memory, "bulla", "");
        try (OpenFile open = OpenFile.read(file)) {
            LinuxException e = catchThrowableOfType(
                    LinuxException.class, () -> FsVerity.ofKernel().enable(open, FsVerity.Hash.SHA256, 4096));
            assertThat(FsVerity.isNotOffered(e)).isTrue();
            assertThat(e.call()).isEqualTo("ioctl FS_IOC_ENABLE_VERITY");
            assertThat(FsVerity.ofKernel().measure(open)).isEmpty();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void measurement_wrongLength_refused() {
        assertThatThrownBy(() -> new FsVerity.Measurement(FsVerity.Hash.SHA512, "00"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
