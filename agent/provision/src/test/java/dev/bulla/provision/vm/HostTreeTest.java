package dev.bulla.provision.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.mount.VerityMode;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.FileSystemType;
import dev.bulla.linux.Identity;
import dev.bulla.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same question as in the guest, to this machine's kernel: needs root, erofs, overlay, loop devices. */
class HostTreeTest {
    @TempDir
    Path folder;

    private Path store;

    @BeforeAll
    static void requireTheKernel() throws Exception {
        assumeTrue(Identity.effectiveUser() == 0, "root");
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && FileSystemType.of(memory).isMemory(), "a tmpfs on /dev/shm");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "loop devices");
        for (String type : new String[] {"erofs", "overlay"}) {
            try {
                FileSystemContext.open(type).close();
            } catch (LinuxException e) {
                assumeTrue(false, type + " in this kernel, and leave to mount it: " + e.getMessage());
            }
        }
    }

    @BeforeEach
    void makeStore() throws IOException {
        store = Files.createTempDirectory(Path.of("/dev/shm"), "bulla-test");
    }

    @AfterEach
    void deleteStore() throws IOException {
        try (Stream<Path> all = Files.walk(store)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    void randomTree_mounted_isWhatWasWritten(int seed) throws Exception {
        Path target = Files.createDirectory(folder.resolve("rootfs"));
        assertThat(TreeOracle.ask(seed, store, VerityAlgorithm.SHA256_4K, target, VerityMode.AUTO))
                .isEmpty();
    }
}
