package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.composefs.mount.ComposefsMount;
import dev.bulla.guest.InMemory;
import dev.bulla.guest.TestLayout;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.FileSystemType;
import dev.bulla.linux.Identity;
import dev.bulla.linux.LinuxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A real bundle of a store in memory: needs root, erofs, overlay, loop devices. What is missing is named by the skip. */
@Isolated("it looks at the process's own output")
class RunningBundleTest {
    private static final String ACCEPT_PLAIN = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";

    @TempDir(factory = InMemory.class)
    Path folder;

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

    private CommandRun done(String... args) {
        CommandRun run = CommandRun.of(args);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    @Test
    void gc_imageOfARunningBundle_isKeptUntilItsRootfsIsUnmounted() throws Exception {
        Path store = folder.resolve("store");
        Path bundle = folder.toRealPath().resolve("bundle");
        TestLayout layout = new TestLayout(folder.toRealPath().resolve("layout"));
        layout.image("v1", List.of(layout.layer("file", "F".repeat(3000))));
        String name = "oci:" + layout.folder() + ":v1";
        Path policy = Files.writeString(folder.resolve("policy.json"), ACCEPT_PLAIN);
        done("pull", name, "--store", store.toString(), "--policy", policy.toString(), "--bundle", bundle.toString());
        Path rootfs = bundle.resolve("rootfs");
        try {
            done("untag", name, "--store", store.toString());
            String kept = done("gc", "--store", store.toString(), "--bundles", "--output", "json")
                    .out();
            assertThat(kept).contains("\"running\":1", "\"images\":1", "\"bundles\":0");
            assertThat(rootfs.resolve("file")).hasContent("F".repeat(3000));
            Files.writeString(rootfs.resolve("written"), "by the container");
            assertThat(done("fsck", "--store", store.toString()).out()).contains("clean");
        } finally {
            ComposefsMount.unmount(rootfs);
        }
        // The bundle's folder is there still: what its container wrote stays, the image does not.
        String collected =
                done("gc", "--store", store.toString(), "--output", "json").out();
        assertThat(collected).contains("\"running\":0", "\"bundles\":0");
        assertThat(store.resolve("images")).isDirectoryNotContaining(path -> Files.isSymbolicLink(path));
        assertThat(store.resolve("bundles").toFile().list()).hasSize(1);
        Files.delete(rootfs);
        Files.delete(bundle.resolve("config.json"));
        Files.delete(bundle);
        assertThat(done("gc", "--store", store.toString(), "--output", "json").out())
                .contains("\"bundles\":1");
        assertThat(store.resolve("bundles")).isEmptyDirectory();
        assertThat(done("fsck", "--store", store.toString()).out()).contains("clean");
    }
}
