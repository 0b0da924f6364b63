package dev.bulla.guest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreBackingTest {
    private static final String NO_SWAP = "Filename\tType\tSize\tUsed\tPriority\n";

    @TempDir
    Path temporary;

    private Path proc;
    private Path sys;
    private Path store;

    @BeforeEach
    void makeFolders() throws IOException {
        temporary = temporary.toRealPath();
        proc = Files.createDirectories(temporary.resolve("proc"));
        Files.createDirectories(proc.resolve("self"));
        sys = Files.createDirectories(temporary.resolve("sys"));
        store = Files.createDirectories(temporary.resolve("a store/inner"));
        Files.writeString(proc.resolve("swaps"), NO_SWAP);
    }

    private StoreBacking classify(String... mountInfo) throws IOException {
        Files.writeString(proc.resolve("self/mountinfo"), String.join("\n", mountInfo) + "\n");
        return StoreBacking.of(store, proc, sys);
    }

    private static String mount(String device, Path point, String type) {
        return "1 0 " + device + " / " + point.toString().replace(" ", "\\040") + " rw,relatime shared:1 - " + type
                + " source rw";
    }

    @Test
    void of_tmpfsWithoutSwap_isGuestMemory() throws IOException {
        assertThat(classify(mount("8:1", Path.of("/"), "ext4"), mount("0:30", temporary.resolve("a store"), "tmpfs")))
                .isEqualTo(StoreBacking.GUEST_MEMORY);
    }

    @Test
    void of_mountBesideTheStore_doesNotCount() throws IOException {
        assertThat(classify(mount("8:1", Path.of("/"), "ext4"), mount("0:30", temporary.resolve("a sto"), "tmpfs")))
                .isEqualTo(StoreBacking.UNPROTECTED);
    }

    @Test
    void of_twoMountsOnOnePoint_laterCounts() throws IOException {
        Path point = temporary.resolve("a store");
        assertThat(classify(mount("0:30", point, "tmpfs"), mount("8:1", point, "ext4")))
                .isEqualTo(StoreBacking.UNPROTECTED);
    }

    @Test
    void of_tmpfsWithOpenSwap_isUnprotected() throws IOException {
        Files.writeString(proc.resolve("swaps"), NO_SWAP + "/dev/vdb partition 100 0 -2\n");
        assertThat(classify(mount("0:30", Path.of("/"), "tmpfs"))).isEqualTo(StoreBacking.UNPROTECTED);
    }

    @Test
    void of_tmpfsWithSwapInCompressedMemory_isGuestMemory() throws IOException {
        Files.writeString(proc.resolve("swaps"), NO_SWAP + "/dev/zram0 partition 100 0 -2\n");
        assertThat(classify(mount("0:30", Path.of("/"), "tmpfs"))).isEqualTo(StoreBacking.GUEST_MEMORY);
    }

    @Test
    void of_tmpfsWithZramThatWritesBack_isUnprotected() throws IOException {
        Files.writeString(proc.resolve("swaps"), NO_SWAP + "/dev/zram0 partition 100 0 -2\n");
        Path block = Files.createDirectories(sys.resolve("class/block/zram0"));
        Files.writeString(block.resolve("backing_dev"), "/dev/vdb\n");
        assertThat(classify(mount("0:30", Path.of("/"), "tmpfs"))).isEqualTo(StoreBacking.UNPROTECTED);
    }

    @Test
    void of_deviceMapperCrypt_isDmCrypt() throws IOException {
        Path device = Files.createDirectories(sys.resolve("dev/block/253:0/dm"));
        Files.writeString(device.resolve("uuid"), "CRYPT-LUKS2-0123-store\n");
        assertThat(classify(mount("253:0", Path.of("/"), "ext4"))).isEqualTo(StoreBacking.DM_CRYPT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CRYPT-VERITY-0123-store", "CRYPT-INTEGRITY-store", "CRYPT-"})
    void of_deviceMapperThatDoesNotEncrypt_isUnprotected(String uuid) throws IOException {
        Path device = Files.createDirectories(sys.resolve("dev/block/253:0/dm"));
        Files.writeString(device.resolve("uuid"), uuid + "\n");
        assertThat(classify(mount("253:0", Path.of("/"), "ext4"))).isEqualTo(StoreBacking.UNPROTECTED);
    }

    @Test
    void of_tmpfsWithSwapFileCalledZram_isUnprotected() throws IOException {
        Files.writeString(proc.resolve("swaps"), NO_SWAP + "/mnt/zram0 file 100 0 -2\n");
        assertThat(classify(mount("0:30", Path.of("/"), "tmpfs"))).isEqualTo(StoreBacking.UNPROTECTED);
    }

    @Test
    void of_deviceMapperVolume_isUnprotected() throws IOException {
        Path device = Files.createDirectories(sys.resolve("dev/block/253:0/dm"));
        Files.writeString(device.resolve("uuid"), "LVM-0123\n");
        assertThat(classify(mount("253:0", Path.of("/"), "ext4"))).isEqualTo(StoreBacking.UNPROTECTED);
    }

    @Test
    void of_noMountFound_throws() {
        assertThatThrownBy(() -> classify("nonsense"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no mount point");
    }
}
