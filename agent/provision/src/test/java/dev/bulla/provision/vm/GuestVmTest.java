package dev.bulla.provision.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.provision.peer.Peers;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/**
 * A kernel with fs-verity, in an emulated machine: what our program pulls and mounts there, what that kernel refuses, and
 * what it shows of images that we wrote.
 */
@Tag("vm")
class GuestVmTest {
    private static final int BLOCK = 4096;

    @TempDir
    private static Path folder;

    private static GuestReport whole;
    private static GuestReport flipped;

    /** Why there is nothing to boot; kept so that every test is skipped by name, and not the class in silence. */
    private static Optional<TestAbortedException> absent = Optional.empty();

    @BeforeAll
    static void bootIfPossible() throws Exception {
        try {
            boot();
        } catch (TestAbortedException e) {
            absent = Optional.of(e);
        }
    }

    private static void boot() throws Exception {
        GuestKernel kernel = GuestKernel.find();
        Path mkfs = Peers.find("mkfs.ext4", "e2fsprogs");
        Path debugfs = Peers.find("debugfs", "e2fsprogs");
        Path layout = folder.resolve("layout");
        GuestImage.write(layout);
        Path policy = Files.writeString(folder.resolve("policy.json"), GuestImage.POLICY, StandardCharsets.UTF_8);
        GuestVm vm = GuestVm.prepare(
                Files.createDirectory(folder.resolve("vm")),
                kernel,
                GuestScenario.class.getName(),
                Map.of("/layout", layout, "/policy.json", policy));
        Path disk = folder.resolve("disk");
        Path plain = folder.resolve("plain");
        whole = GuestReport.read(vm.boot(
                () -> {
                    makeDisk(mkfs, disk, "verity");
                    makeDisk(mkfs, plain, "^verity");
                    return List.of("if=virtio,format=raw,file=" + disk, "if=virtio,format=raw,file=" + plain);
                },
                List.of("whole")));
        flip(disk, block(debugfs, disk, value("object")));
        flip(disk, block(debugfs, disk, "/store/objects/" + value("other").replaceFirst("^..", "$0/")));
        flipped = GuestReport.read(vm.boot(
                () -> List.of("if=virtio,format=raw,snapshot=on,file=" + disk),
                List.of("flipped", value("digest"), value("other"))));
    }

    private static String value(String name) {
        String value = whole.values().get(name);
        assertThat(value).as(name + " of " + whole).isNotNull();
        return value;
    }

    private static void makeDisk(Path mkfs, Path disk, String features) throws IOException, InterruptedException {
        Files.deleteIfExists(disk);
        GuestVm.run(
                folder, mkfs.toString(), "-q", "-b", Integer.toString(BLOCK), "-O", features, disk.toString(), "256M");
    }

    /** Where the first block of a file lies on the disk. */
    private static long block(Path debugfs, Path disk, String file) throws IOException, InterruptedException {
        return Long.parseLong(GuestVm.run(folder, debugfs.toString(), "-R", "bmap " + file + " 0", disk.toString())
                .strip());
    }

    private static void flip(Path disk, long block) throws IOException {
        assertThat(block).isPositive();
        try (RandomAccessFile bytes = new RandomAccessFile(disk.toFile(), "rw")) {
            long at = block * BLOCK + 1;
            bytes.seek(at);
            int before = bytes.read();
            bytes.seek(at);
            bytes.write(before ^ 1);
        }
    }

    private static void assertPassed(GuestReport report, String check) {
        assertThat(report.checks()).as(check).containsEntry(check, "");
    }

    private static void skipIfAbsent() {
        if (absent.isPresent()) {
            throw absent.orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mounted",
                "doctor",
                "byNameFromADisk",
                "copyUp",
                "objectReplaced",
                "objectWithoutVerity",
                "objectMissing",
                "imageSwapped",
                "imageWithoutVerity",
                "restored"
            })
    void kernelVerity_storeOnExt4_isEnforced(String check) {
        skipIfAbsent();
        assertPassed(whole, "kernelVerity-" + check);
    }

    @ParameterizedTest
    @ValueSource(strings = {"object", "image"})
    void kernelVerity_byteFlippedOnTheDevice_isNotRead(String check) {
        skipIfAbsent();
        assertPassed(flipped, "flipped-" + check);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mounted", "verityRequired", "imageChanged"})
    void guestMemory_storeOnTmpfs_isWhatItSays(String check) {
        skipIfAbsent();
        assertPassed(whole, "guestMemory-" + check);
    }

    @ParameterizedTest
    @ValueSource(strings = {"doctor", "refused", "requiredRefused", "verityOff"})
    void none_storeOnExt4WithoutVerity_isRefusedUnlessNamed(String check) {
        skipIfAbsent();
        assertPassed(whole, "plainDisk-" + check);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void randomTree_mounted_isWhatWasWritten(int seed) {
        skipIfAbsent();
        assertPassed(whole, "tree-" + seed);
    }

    @Test
    void checks_ofTheGuest_allPass() {
        skipIfAbsent();
        assertThat(whole.checks())
                .allSatisfy((check, outcome) -> assertThat(outcome).as(check).isEmpty());
        assertThat(flipped.checks())
                .allSatisfy((check, outcome) -> assertThat(outcome).as(check).isEmpty());
    }
}
