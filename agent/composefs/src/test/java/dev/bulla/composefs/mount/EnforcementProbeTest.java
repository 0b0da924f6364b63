package dev.bulla.composefs.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.linux.FileSystemType;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EnforcementProbeTest {
    private static final EnforcementProbe KERNEL = new EnforcementProbe(Enforcement.KERNEL_VERITY, "fs-verity");
    private static final EnforcementProbe MEMORY = new EnforcementProbe(Enforcement.GUEST_MEMORY, "tmpfs");
    private static final EnforcementProbe NONE = new EnforcementProbe(Enforcement.NONE, "/store is on ext4");

    @TempDir
    Path folder = Path.of("");

    @Test
    void require_enough_givesTheClass() throws Exception {
        assertThat(KERNEL.require(VerityMode.REQUIRED)).isEqualTo(Enforcement.KERNEL_VERITY);
        assertThat(KERNEL.require(VerityMode.AUTO)).isEqualTo(Enforcement.KERNEL_VERITY);
        assertThat(MEMORY.require(VerityMode.AUTO)).isEqualTo(Enforcement.GUEST_MEMORY);
    }

    @ParameterizedTest
    @EnumSource
    void require_off_namesNoneWhateverThereIs(Enforcement enforcement) throws Exception {
        assertThat(new EnforcementProbe(enforcement, "").require(VerityMode.OFF))
                .isEqualTo(Enforcement.NONE);
    }

    @Test
    void require_requiredWithLess_refused() {
        assertThatThrownBy(() -> MEMORY.require(VerityMode.REQUIRED))
                .isInstanceOfSatisfying(EnforcementException.class, e -> {
                    assertThat(e.asked()).isEqualTo(VerityMode.REQUIRED);
                    assertThat(e.offered()).isEqualTo(Enforcement.GUEST_MEMORY);
                })
                .hasMessage("mount: --verity required: got guest-memory (tmpfs), expected kernel-verity");
        assertThatThrownBy(() -> NONE.require(VerityMode.REQUIRED)).isInstanceOf(EnforcementException.class);
    }

    @Test
    void require_autoWithNone_refused() {
        assertThatThrownBy(() -> NONE.require(VerityMode.AUTO))
                .isInstanceOf(EnforcementException.class)
                .hasMessage(
                        "mount: --verity auto: got none (/store is on ext4), expected kernel-verity or guest-memory;"
                                + " --verity off would mount without");
    }

    @Test
    void verityMode_itsNames() {
        assertThat(VerityMode.of("required")).contains(VerityMode.REQUIRED);
        assertThat(VerityMode.of("auto")).contains(VerityMode.AUTO);
        assertThat(VerityMode.of("off")).contains(VerityMode.OFF);
        assertThat(VerityMode.of("Off")).isEmpty();
    }

    @Test
    void of_storeInMemory_isGuestMemory() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && FileSystemType.of(memory).isMemory(), "a tmpfs on /dev/shm");
        try (MemoryFolder made = MemoryFolder.create();
                ObjectStore store = ObjectStore.open(made.path().resolve("store"), VerityAlgorithm.SHA256_4K)) {
            assertThat(EnforcementProbe.of(store).enforcement()).isEqualTo(Enforcement.GUEST_MEMORY);
            assertThat(EnforcementProbe.of(store).reason()).contains("is on tmpfs");
        }
    }

    @Test
    void of_storeOnDisk_saysWhyItIsWhatItIs() throws Exception {
        assumeTrue(!FileSystemType.of(folder).isMemory(), "a temporary folder that is not in memory");
        try (ObjectStore store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K)) {
            EnforcementProbe probe = EnforcementProbe.of(store);
            assertThat(probe.enforcement()).isNotEqualTo(Enforcement.GUEST_MEMORY);
            assertThat(probe.reason()).contains(store.offersVerity() ? "with fs-verity" : "without fs-verity");
            assertThat(store.folder().resolve("staging")).isEmptyDirectory();
        }
    }
}
