package dev.bulla.guest.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.guest.store.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the store knows of a bundle, and when that counts as running; the tables of mounts are made by hand. */
class StoredBundleTest {
    private static final VerityDigest IMAGE = new VerityDigest(VerityAlgorithm.SHA256_4K, "ab".repeat(32));

    @TempDir
    Path temporary;

    private Path store;
    private Path bundle;
    private Path folder;

    @BeforeEach
    void make() throws IOException {
        store = temporary.toRealPath().resolve("store");
        bundle = Files.createDirectories(temporary.toRealPath().resolve("a bundle"));
        Files.createDirectory(bundle.resolve("rootfs"));
        folder = Files.createDirectories(StoredBundle.folder(StoredBundle.bundles(store), bundle));
    }

    private MountTable mounts(String line) throws IOException {
        Path proc = temporary.resolve("proc");
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(proc.resolve("self/mountinfo"), line + "\n");
        return MountTable.read(proc);
    }

    private StoredBundle only() throws IOException {
        assertThat(StoredBundle.all(store)).hasSize(1);
        return StoredBundle.all(store).getFirst();
    }

    @Test
    void write_beforeTheMount_isReadBack() throws Exception {
        StoredBundle.write(folder, bundle, IMAGE);
        assertThat(only().bundle()).contains(bundle);
        assertThat(only().image()).contains(IMAGE);
        assertThat(only().device()).isEmpty();
        assertThat(folder.toFile().list()).containsExactly("bundle.json");
    }

    @Test
    void isRunning_mountedOnItsPath_isSo() throws Exception {
        StoredBundle.write(folder, bundle, IMAGE);
        String point = bundle.resolve("rootfs").toString().replace(" ", "\\040");
        assertThat(only().isRunning(mounts("1 2 0:5 / " + point + " rw - overlay composefs rw")))
                .isTrue();
        assertThat(only().isRunning(mounts("1 2 0:5 / " + bundle + " rw - overlay composefs rw")))
                .isFalse();
    }

    @Test
    void isRunning_mountOfItsDeviceElsewhere_isSo() throws Exception {
        StoredBundle.writeMounted(folder, bundle, IMAGE);
        String device = only().device().orElseThrow();
        assertThat(device).matches("[0-9]+:[0-9]+");
        assertThat(only().isRunning(mounts("1 2 " + device + " / / rw - overlay composefs rw")))
                .isTrue();
        assertThat(only().isRunning(mounts("1 2 " + device + " / / rw - ext4 /dev/x rw")))
                .isFalse();
    }

    @Test
    void isRunning_mountThatWritesToIt_isSoWithoutAFile() throws Exception {
        assertThat(only().bundle()).isEmpty();
        assertThat(only().isReleased()).isFalse();
        assertThat(only().isRunning(mounts("1 2 0:5 / /x rw - overlay composefs rw,upperdir=" + folder + "/upper,x")))
                .isTrue();
    }

    @Test
    void isReleased_folderGone_isSo() throws Exception {
        StoredBundle.write(folder, bundle, IMAGE);
        assertThat(only().isReleased()).isFalse();
        Files.delete(bundle.resolve("rootfs"));
        Files.delete(bundle);
        assertThat(only().isReleased()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"bundle\":\"/x\",\"image\":\"zz\",\"algorithm\":\"fsverity-sha256-12\"}",
                "{\"bundle\":\"/x\",\"image\":\"\",\"algorithm\":\"md5\"}",
                "{\"bundle\":\"\\u0000\",\"image\":\"\",\"algorithm\":\"fsverity-sha256-12\"}"
            })
    void all_fileThatCannotBeRead_isABundleOfUnknownImage(String json) throws Exception {
        Files.writeString(folder.resolve("bundle.json"), json);
        assertThat(only().image()).isEmpty();
        assertThat(only().isReleased()).isFalse();
    }

    @Test
    void delete_withWhatAContainerWrote_followsNoLink() throws Exception {
        Path outside = Files.createDirectories(temporary.resolve("outside/inner"));
        Files.createDirectories(folder.resolve("upper/var"));
        Files.createSymbolicLink(folder.resolve("upper/var/link"), outside);
        only().delete();
        assertThat(folder).doesNotExist();
        assertThat(outside).exists();
    }
}
