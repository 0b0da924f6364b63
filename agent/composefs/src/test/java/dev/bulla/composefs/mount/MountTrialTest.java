package dev.bulla.composefs.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.linux.FileSystemType;
import dev.bulla.linux.Identity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountTrialTest {
    @TempDir
    Path folder;

    @Test
    void in_anyFolder_findsEachThingAndLeavesNothing() throws Exception {
        MountTrial trial = MountTrial.in(folder);
        assertThat(trial.findings())
                .extracting(MountTrial.Finding::name)
                .containsExactly(
                        "root", "erofs", "overlay", "loop", "fs-verity", "overlay verity=require", "owner maps");
        assertThat(trial.findings()).allSatisfy(finding -> {
            if (!finding.present()) {
                assertThat(finding.detail()).as(finding.name()).isNotEmpty();
            }
        });
        assertThat(folder).isEmptyDirectory();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1))
                .doesNotContain(folder.toString());
    }

    @Test
    void in_memory_mountsFromALoopDevice() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && FileSystemType.of(memory).isMemory(), "a tmpfs on /dev/shm");
        assumeTrue(Identity.effectiveUser() == 0, "root");
        try (MemoryFolder made = MemoryFolder.create()) {
            MountTrial trial = MountTrial.in(made.path());
            assertThat(trial.enforcement().enforcement()).isEqualTo(Enforcement.GUEST_MEMORY);
            assumeTrue(trial.mount().present(), "erofs, overlay and loop devices: " + trial.mount());
            assertThat(trial.mount().detail()).startsWith("image from a loop device, layers as ");
            assertThat(made.path()).isEmptyDirectory();
        }
    }
}
