package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatusTest {
    @TempDir
    Path folder;

    @Test
    void of_file_saysWhatTheJdkSays() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "12345");
        Files.createLink(folder.resolve("second"), file);
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000_000L, 123_456_789)));
        FileStatus status = FileStatus.of(file);
        assertThat(status.mode()).isEqualTo(Files.getAttribute(file, "unix:mode"));
        assertThat(status.uid()).isEqualTo(((Integer) Files.getAttribute(file, "unix:uid")).longValue());
        assertThat(status.gid()).isEqualTo(((Integer) Files.getAttribute(file, "unix:gid")).longValue());
        assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(status.size()).isEqualTo(5);
        assertThat(status.links()).isEqualTo(2);
        assertThat(status.modifiedSeconds()).isEqualTo(1_000_000_000L);
        assertThat(status.modifiedNanoseconds()).isEqualTo(123_456_789);
        assertThat(status.sameFile(FileStatus.of(folder.resolve("second")))).isTrue();
        assertThat(status.sameFile(FileStatus.of(folder))).isFalse();
    }

    @Test
    void of_symlink_isNotFollowed() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere"));
        assertThat(FileStatus.of(link).type()).isEqualTo(FileStatus.TYPE_SYMLINK);
    }

    @Test
    void of_device_givesItsNumber() throws Exception {
        FileStatus status = FileStatus.of(Path.of("/dev/null"));
        assertThat(status.type()).isEqualTo(FileStatus.TYPE_CHARACTER);
        assertThat(status.deviceMajor()).isEqualTo(1);
        assertThat(status.deviceMinor()).isEqualTo(3);
    }

    @Test
    void of_missing_isEnoent() {
        OpenFileTest.assertErrno(Errno.ENOENT, () -> FileStatus.of(folder.resolve("no")));
    }
}
