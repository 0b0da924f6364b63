package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XattrsTest {
    @TempDir
    Path folder;

    Path file = Path.of("");

    @BeforeEach
    void createFile() throws Exception {
        file = Files.writeString(folder.resolve("file"), "x");
        try {
            Xattrs.set(file, "user.probe", new byte[0]);
            Xattrs.remove(file, "user.probe".getBytes(StandardCharsets.UTF_8));
        } catch (LinuxException e) {
            assumeTrue(!e.is(Errno.EOPNOTSUPP), "user.* attributes on " + FileSystemType.of(folder));
            throw e;
        }
    }

    @Test
    void list_none_isEmpty() throws Exception {
        assertThat(user(file)).isEmpty();
        assertThat(Xattrs.get(file, "user.a")).isEmpty();
    }

    @Test
    void set_valuesOfAnySize_comeBack() throws Exception {
        byte[] large = new byte[2000]; // beyond the first try of reading
        Arrays.fill(large, (byte) 7);
        Xattrs.set(file, "user.empty", new byte[0]);
        Xattrs.set(file, "user.large", large);
        try (OpenFile open = OpenFile.read(file)) {
            Xattrs.set(open, "user.byFile".getBytes(StandardCharsets.UTF_8), new byte[] {1, 0, 2});
        }
        assertThat(user(file)).containsExactlyInAnyOrder("user.empty", "user.large", "user.byFile");
        assertThat(Xattrs.get(file, "user.empty").orElseThrow()).isEmpty();
        assertThat(Xattrs.get(file, "user.large").orElseThrow()).isEqualTo(large);
        assertThat(Xattrs.get(file, "user.byFile").orElseThrow()).containsExactly(1, 0, 2);
    }

    @Test
    void list_manyNames_beyondTheFirstTry() throws Exception {
        for (int i = 0; i < 30; i++) {
            Xattrs.set(file, "user.a-rather-long-name-" + i, new byte[0]);
        }
        assertThat(user(file)).hasSize(30);
    }

    @Test
    void symlink_itsOwnAttributes_notTheTargets() throws Exception {
        assumeTrue(Identity.effectiveUser() == 0, "root");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        Xattrs.set(file, "trusted.of", new byte[] {1});
        Xattrs.set(link, "trusted.of", new byte[] {2});
        assertThat(Xattrs.get(link, "trusted.of").orElseThrow()).containsExactly(2);
        assertThat(Xattrs.get(file, "trusted.of").orElseThrow()).containsExactly(1);
    }

    @Test
    void list_missingFile_fails() {
        OpenFileTest.assertErrno(Errno.ENOENT, () -> Xattrs.list(folder.resolve("no")));
    }

    private static List<String> user(Path file) throws LinuxException {
        return Xattrs.list(file).stream()
                .map(n -> new String(n, StandardCharsets.UTF_8))
                .filter(n -> n.startsWith("user."))
                .toList();
    }
}
