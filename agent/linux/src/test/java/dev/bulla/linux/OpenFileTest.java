package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
    @TempDir
    Path folder;

    @Test
    void read_wholeFile_givesItsBytes() throws Exception {
        byte[] content = new byte[200_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) i;
        }
        Path file = Files.write(folder.resolve("file"), content);
        try (OpenFile open = OpenFile.read(file);
                InputStream in = open.inputStream()) {
            assertThat(in.readAllBytes()).isEqualTo(content);
            byte[] part = new byte[10];
            assertThat(open.read(part, 2, 5, 255)).isEqualTo(5);
            assertThat(part).containsExactly(0, 0, -1, 0, 1, 2, 3, 0, 0, 0);
            assertThat(open.read(part, 0, 10, content.length)).isZero();
        }
    }

    @Test
    void read_missing_namesCallPathAndError() {
        LinuxException e = catchThrowableOfType(LinuxException.class, () -> OpenFile.read(folder.resolve("no")));
        assertThat(e.is(Errno.ENOENT)).isTrue();
        assertThat(e.call()).isEqualTo("openat");
        assertThat(e.path()).isEqualTo(folder.resolve("no").toString());
        assertThat(e).hasMessage("openat " + folder.resolve("no") + ": ENOENT (no such file or directory)");
    }

    @Test
    void readNoFollow_symlink_refused() throws Exception {
        Files.writeString(folder.resolve("file"), "x");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        assertErrno(Errno.ELOOP, () -> OpenFile.readNoFollow(link));
        OpenFile.read(link).close();
    }

    @Test
    @Timeout(10)
    void readNoFollow_fifo_doesNotBlock() throws Exception {
        Path fifo = folder.resolve("fifo");
        SpecialFiles.fifo(fifo, 0600);
        try (OpenFile open = OpenFile.readNoFollow(fifo)) {
            assertThat(open.status().type()).isEqualTo(FileStatus.TYPE_FIFO);
        }
    }

    @Test
    void directory_fileOrSymlink_refused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("."));
        assertErrno(Errno.ENOTDIR, () -> OpenFile.directory(file));
        assertThatThrownBy(() -> OpenFile.directory(link)).isInstanceOf(LinuxException.class);
    }

    @Test
    void readBeneath_inside_opens() throws Exception {
        Files.createDirectory(folder.resolve("a"));
        Files.writeString(folder.resolve("a/b"), "content");
        try (OpenFile open = OpenFile.directory(folder);
                OpenFile file = open.readBeneath("a/b");
                InputStream in = file.inputStream()) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("content");
            assertThat(file).hasToString(folder.resolve("a/b").toString());
        }
    }

    @Test
    void readBeneath_escapeOrSymlinkOrMissing_refused() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.writeString(folder.resolve("secret"), "x");
        Files.createSymbolicLink(inner.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(inner.resolve("last"), Path.of("../secret"));
        try (OpenFile open = OpenFile.directory(inner)) {
            assertErrno(Errno.EXDEV, () -> open.readBeneath("../secret"));
            assertErrno(Errno.ELOOP, () -> open.readBeneath("up/secret"));
            assertErrno(Errno.ELOOP, () -> open.readBeneath("last"));
            assertErrno(Errno.ENOENT, () -> open.readBeneath("no"));
        }
    }

    @Test
    void linkTo_newName_isTheSameFileAndNeverReplaces() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Path name = folder.resolve("name");
        try (OpenFile open = OpenFile.read(file)) {
            open.linkTo(name);
            assertThat(FileStatus.of(name).sameFile(open.status())).isTrue();
            assertErrno(Errno.EEXIST, () -> open.linkTo(name));
        }
    }

    @Test
    void setPermissions_then_status_agree() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "12345");
        try (OpenFile open = OpenFile.read(file)) {
            open.setPermissions(0640);
            open.sync();
            open.syncFileSystem();
            assertThat(open.status().permissions()).isEqualTo(0640);
            assertThat(open.status().size()).isEqualTo(5);
            assertThat(open.status().isRegular()).isTrue();
        }
    }

    @Test
    void close_twice_isFineAndUseAfterIsNot() throws Exception {
        OpenFile open = OpenFile.directory(folder);
        open.close();
        open.close();
        assertThatThrownBy(open::status).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void procPath_leadsToTheFileWhateverItsNameBecomes() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "first");
        try (OpenFile open = OpenFile.read(file)) {
            Files.delete(file);
            Files.writeString(file, "second");
            assertThat(Files.readString(open.procPath())).isEqualTo("first");
            assertThat(Files.exists(open.procPath(), LinkOption.NOFOLLOW_LINKS)).isTrue();
        }
    }

    static void assertErrno(Errno expected, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        LinuxException e = catchThrowableOfType(LinuxException.class, call);
        assertThat(e).isNotNull();
        assertThat(Errno.of(e.errno())).contains(expected);
    }

    @Test
    void readAll_lengthsAroundTheLimit_areTakenUpToIt() throws Exception {
        for (int length : new int[] {0, 1, 65536, 65537, 200_000}) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) 3);
            Path file = Files.write(folder.resolve("f" + length), bytes);
            try (OpenFile open = OpenFile.read(file)) {
                assertThat(open.readAll(200_000)).isEqualTo(bytes);
                assertThat(open.readAll(length)).isEqualTo(bytes);
                if (length > 0) {
                    assertThatThrownBy(() -> open.readAll(length - 1))
                            .isInstanceOfSatisfying(
                                    LinuxException.class,
                                    e -> assertThat(e.is(Errno.EFBIG)).isTrue());
                }
            }
        }
    }
}
