package dev.bulla.guest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of mounts as proc(5) describes them, made by hand. */
class MountTableTest {
    @TempDir
    Path proc;

    private void process(String name, String namespace, String... lines) throws IOException {
        Path folder = Files.createDirectories(proc.resolve(name));
        Files.createDirectories(folder.resolve("ns"));
        Files.createSymbolicLink(folder.resolve("ns/mnt"), Path.of("mnt:[" + namespace + "]"));
        Files.writeString(folder.resolve("mountinfo"), String.join("\n", lines) + "\n");
    }

    @Test
    void read_ownTable_knowsItsMountPoints() throws Exception {
        process(
                "self",
                "1",
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
                "37 36 0:57 / /run/a\\040b\\134c/rootfs rw - overlay composefs rw,upperdir=/store/bundles/x/upper");
        MountTable table = MountTable.read(proc);
        assertThat(table.isMountPoint(Path.of("/mnt2"))).isTrue();
        assertThat(table.isMountPoint(Path.of("/run/a b\\c/rootfs"))).isTrue();
        assertThat(table.isMountPoint(Path.of("/run"))).isFalse();
        assertThat(table.hasOverlay("0:57")).isTrue();
        assertThat(table.hasOverlay("98:0")).isFalse();
        assertThat(table.hasUpper(Path.of("/store/bundles/x/upper"))).isTrue();
        assertThat(table.hasUpper(Path.of("/store/bundles/x"))).isFalse();
    }

    @Test
    void read_otherNamespaces_areSeenByDeviceAndNotByPath() throws Exception {
        process("self", "1", "36 35 98:0 / / rw - ext4 /dev/root rw");
        process("12", "1", "36 35 98:0 / / rw - ext4 /dev/root rw");
        process("99", "2", "40 39 0:61 / / rw - overlay composefs rw,upperdir=/proc/self/fd/9");
        Files.createDirectory(proc.resolve("100"));
        MountTable table = MountTable.read(proc);
        assertThat(table.hasOverlay("0:61")).isTrue();
        assertThat(table.isMountPoint(Path.of("/"))).isTrue();
    }

    @Test
    void read_oddLines_arePassedOver() throws Exception {
        process("self", "1", "", "x", "1 2 3 4 5 6 7", "36 35 0:1 / /a rw -", "36 35 0:1 / /b\\9 rw - tmpfs none rw");
        MountTable table = MountTable.read(proc);
        assertThat(table.isMountPoint(Path.of("/a"))).isFalse();
        assertThat(table.isMountPoint(Path.of("/b\\9"))).isTrue();
    }

    @Test
    void read_withoutOwnTable_fails() {
        assertThatThrownBy(() -> MountTable.read(proc)).isInstanceOf(IOException.class);
    }
}
