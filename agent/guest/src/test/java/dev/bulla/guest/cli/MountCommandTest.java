package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.guest.TestLayout;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.FileSystemType;
import dev.bulla.linux.Identity;
import dev.bulla.linux.LinuxException;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Real mounts by the command line: needs root, erofs, overlay, loop devices. What is missing is named by the skip. */
@Isolated("it looks at the process's own output")
class MountCommandTest {
    private static final String ACCEPT_PLAIN = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";
    private static final String CONTENT = "A".repeat(5000);

    @TempDir
    Path folder;

    private Path memory;
    private Path target;
    private String image;

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
    void makeFolders() throws IOException {
        memory = Files.createTempDirectory(Path.of("/dev/shm"), "bulla-test");
        target = Files.createDirectory(folder.resolve("rootfs"));
        TestLayout layout = new TestLayout(folder.resolve("layout"));
        layout.image("v1", List.of(layout.layer("file", CONTENT)));
        image = "oci:" + layout.folder() + ":v1";
    }

    @AfterEach
    void delete() throws IOException {
        String table = Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
        assertThat(table).doesNotContain(target.toString());
        try (Stream<Path> all = Files.walk(memory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Path pulledTo(Path store) throws IOException {
        Path policy = Files.writeString(folder.resolve("policy.json"), ACCEPT_PLAIN);
        CommandRun run = CommandRun.of("pull", image, "--store", store + "", "--policy", policy + "");
        assertThat(run.code()).as(run.err()).isZero();
        return store;
    }

    private static CommandRun mount(Path store, String... args) {
        List<String> all = new ArrayList<>(List.of("mount", "--store", store.toString(), "--output", "json"));
        all.addAll(Arrays.asList(args));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static String digest(Path store) throws IOException {
        try (Stream<Path> images = Files.list(store.resolve("images"))) {
            return images.map(path -> path.getFileName().toString())
                    .filter(name -> name.length() == 64)
                    .findAny()
                    .orElseThrow();
        }
    }

    private void assertMounted(CommandRun run, String enforcement, String voucher) throws Exception {
        assertThat(run.code()).as(run.err()).isZero();
        try {
            JsonCursor.Members json = JsonCursor.parse(run.out().strip()).object();
            assertThat(json.required("enforcement").string()).isEqualTo(enforcement);
            assertThat(json.required("vouchedBy").string()).isEqualTo(voucher);
            assertThat(target.resolve("file")).hasContent(CONTENT);
        } finally {
            CommandRun umount = CommandRun.of("umount", target.toString());
            assertThat(umount.code()).as(umount.err()).isZero();
        }
        assertThat(target).isEmptyDirectory();
    }

    private static void assertRefused(CommandRun run, ExitCode code, String words) {
        assertThat(run.code()).as(run.err()).isEqualTo(code.code());
        assertThat(run.err()).contains(words).matches("bulla: .*\\n");
        assertThat(run.out()).isEmpty();
    }

    private String options() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(" " + target + " "))
                .map(line -> line.split(" ")[5])
                .findAny()
                .orElseThrow();
    }

    @Test
    void mount_byNameFromGuestMemory_showsTheImage() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        assertMounted(mount(store, image, target + ""), "guest-memory", "guest-memory");
    }

    @Test
    void mount_byDigestInEachSpelling_showsTheImage() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        for (String prefix : List.of("", "sha256:", "fsverity-sha256-12:")) {
            assertMounted(mount(store, prefix + digest(store), target + ""), "guest-memory", "caller");
        }
    }

    @Test
    void mount_byNameFromADisk_refusedSinceNobodyVouches() throws Exception {
        assumeTrue(!FileSystemType.of(folder).isMemory(), "a temporary folder that is not in memory");
        Path store = pulledTo(folder.resolve("store"));
        assertRefused(mount(store, image, target + ""), ExitCode.CONTENT, "nobody vouches for its digest");
        assertMounted(
                mount(store, image, target + "", "--read-only", "--unverified", "--verity", "off"), "none", "nobody");
    }

    @Test
    void mount_withoutVerityOnADisk_refusedUnlessOff() throws Exception {
        Path store = pulledTo(folder.resolve("store"));
        CommandRun probed = mount(store, digest(store), target + "", "--verity", "required");
        assumeTrue(probed.code() != 0, "a temporary folder without fs-verity");
        assertRefused(probed, ExitCode.STORE, "expected kernel-verity");
        assertMounted(mount(store, digest(store), target + "", "--verity", "off"), "none", "caller");
    }

    @Test
    void mount_lessThanPolicyRequires_refused() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        Path strict = Files.writeString(folder.resolve("strict.json"), requiring("kernel-verity"));
        Path lax = Files.writeString(folder.resolve("lax.json"), requiring("guest-memory"));
        assertRefused(
                mount(store, digest(store), target + "", "--policy", strict + ""),
                ExitCode.POLICY,
                "requireEnforcement: got guest-memory");
        assertMounted(mount(store, digest(store), target + "", "--policy", lax + ""), "guest-memory", "caller");
        assertRefused(
                mount(store, digest(store), target + "", "--policy", folder.resolve("none.json") + ""),
                ExitCode.POLICY,
                "none.json");
    }

    @Test
    void pull_bundleOfLessThanPolicyRequires_refusedAndNothingIsStored() throws Exception {
        Path store = memory.resolve("store");
        Path strict = Files.writeString(folder.resolve("strict.json"), requiring("kernel-verity"));
        String bundle = folder.resolve("bundle").toString();
        assertRefused(
                CommandRun.of("pull", image, "--store", store + "", "--policy", strict + "", "--bundle", bundle),
                ExitCode.POLICY,
                "requireEnforcement: got guest-memory");
        assertThat(store.resolve("images")).isEmptyDirectory();
        assertThat(Path.of(bundle)).doesNotExist();
    }

    private static String requiring(String enforcement) {
        return ACCEPT_PLAIN.replace("\"version\":1", "\"version\":1,\"requireEnforcement\":\"" + enforcement + "\"");
    }

    @Test
    void mount_storeOfAnotherUser_byDigestAlone() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        try (Stream<Path> all = Files.walk(store)) {
            for (Path file : all.toList()) {
                Files.setAttribute(file, "unix:uid", 65_534, LinkOption.NOFOLLOW_LINKS);
            }
        }
        assertRefused(mount(store, image, target + ""), ExitCode.CONTENT, "belongs to user 65534");
        assertMounted(mount(store, digest(store), target + ""), "guest-memory", "caller");
    }

    @Test
    void mount_unverified_forbidsProgramsAndDevices() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        CommandRun run = mount(store, digest(store), target + "", "--read-only", "--unverified");
        assertThat(options()).contains("ro,nosuid,nodev,noexec");
        assertMounted(run, "guest-memory", "nobody");
    }

    @Test
    void mount_withDevicesOrNot_saysSoToTheKernel() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        CommandRun plain = mount(store, digest(store), target + "");
        assertThat(options()).startsWith("ro,nodev");
        assertMounted(plain, "guest-memory", "caller");
        CommandRun devices = mount(store, digest(store), target + "", "--dev");
        assertThat(options()).startsWith("ro").doesNotContain("nodev");
        assertMounted(devices, "guest-memory", "caller");
    }

    @Test
    void mount_writable_writesToTheUpperFolder() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        Path upper = memory.resolve("upper");
        CommandRun run = mount(
                store, digest(store), target + "", "--upperdir", upper + "", "--workdir", memory.resolve("work") + "");
        assertThat(run.code()).as(run.err()).isZero();
        Files.writeString(target.resolve("new"), "x");
        assertMounted(run, "guest-memory", "caller");
        assertThat(upper.resolve("new")).hasContent("x");
    }

    @Test
    void mount_upperFolderOnADiskThatCoversTheImage_refusedUnlessNothingIsEnforced() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        Path upper = Files.createDirectory(folder.resolve("upper"));
        Path work = folder.resolve("work");
        assumeTrue(!FileSystemType.of(upper).isMemory(), "a disk");
        Files.writeString(upper.resolve("file"), "of whoever edited the disk");
        String[] args = {digest(store), target + "", "--upperdir", upper + "", "--workdir", work + ""};
        assertRefused(mount(store, args), ExitCode.CONTENT, "would cover the image's");
        assertThat(work).doesNotExist();
        Files.delete(upper.resolve("file"));
        assertMounted(mount(store, args), "guest-memory", "caller");
    }

    @Test
    void mount_ownersThroughANamespaceThatIsNone_refusedAndNothingIsMounted() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertRefused(mount(store, digest(store), target + "", "--idmap", file + ""), ExitCode.STORE, "mount_setattr");
    }

    @Test
    void mount_optionsThatContradict_areUsage() {
        Path store = memory.resolve("store");
        assertRefused(mount(store, "a", "/x", "--upperdir", "/u"), ExitCode.USAGE, "--workdir");
        assertRefused(
                mount(store, "a", "/x", "--read-only", "--upperdir", "/u", "--workdir", "/w"),
                ExitCode.USAGE,
                "--read-only");
        assertRefused(mount(store, "a", "/x", "--unverified"), ExitCode.USAGE, "--read-only");
        assertRefused(mount(store, "a", "/x", "--unverified", "--read-only", "--dev"), ExitCode.USAGE, "--dev");
        assertThat(store).doesNotExist();
    }

    @Test
    void mount_imageThatIsNotThere_refused() throws Exception {
        Path store = pulledTo(memory.resolve("store"));
        assertRefused(mount(store, "0".repeat(64), target + ""), ExitCode.STORE, "is not in the store");
        assertRefused(mount(store, "example.com/other", target + ""), ExitCode.STORE, "is not in the store");
    }

    @Test
    void umount_whatIsNoImage_refused() {
        assertRefused(CommandRun.of("umount", target.toString()), ExitCode.STORE, "got no mount");
        assertRefused(CommandRun.of("umount", "/proc"), ExitCode.STORE, "got a mount of proc");
    }
}
