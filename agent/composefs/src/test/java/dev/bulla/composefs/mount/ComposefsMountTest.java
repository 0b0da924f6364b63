package dev.bulla.composefs.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.FileSystemType;
import dev.bulla.linux.Identity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.Xattrs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real mounts of a store in memory: needs root, erofs, overlay, loop devices. What is missing is named by the skip. */
class ComposefsMountTest {
    private static final byte[] LARGE = new byte[300_000];
    private static final byte[] SMALL = "small".getBytes(StandardCharsets.US_ASCII);

    static {
        for (int i = 0; i < LARGE.length; i++) {
            LARGE[i] = (byte) (i % 251);
        }
    }

    @SuppressWarnings("NullAway.Init") // set before each test
    private MemoryFolder folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Staging staging;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path target;

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
    void open() throws Exception {
        folder = MemoryFolder.create();
        store = ObjectStore.open(folder.path().resolve("store, with: odd\\name"), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "pull");
        target = Files.createDirectory(folder.path().resolve("rootfs"));
    }

    @AfterEach
    void close() throws Exception {
        staging.close();
        store.close();
        assertThat(mountsHere()).isEmpty();
        folder.close();
    }

    private List<String> mountsHere() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(l -> l.contains(folder.path().toString()))
                .toList();
    }

    private StagedObject staged(byte[] content) throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            file.write(content);
            return file.finish();
        }
    }

    private static ByteString name(String name) {
        return ByteString.utf8(name);
    }

    private static Metadata metadata(int permissions, long seconds) {
        return new Metadata(permissions, 12, 70_000, new Timestamp(seconds, 123_456_789), Map.of());
    }

    /** A tree of every kind of file. */
    private Directory tree(FileContent large) {
        Directory root = new Directory(
                metadata(01751, 1_000_000_000).withXattrs(Map.of(name("security.bulla"), name("of the root"))));
        RegularFile file = new RegularFile(metadata(04755, 1_100_000_000), large);
        root.put(name("large"), file);
        root.put(name("link"), new HardLink(file));
        root.put(name("symlink"), new Symlink(metadata(0777, 5), name("large")));
        root.put(name("null"), new DeviceNode(metadata(0666, 6), DeviceNode.Kind.CHARACTER, 0x103));
        root.put(name("fifo"), new Fifo(metadata(0600, 7)));
        Directory inner = new Directory(metadata(0700, 8));
        inner.put(
                name("small"),
                new RegularFile(
                        metadata(0640, 9).withXattrs(Map.of(name("user.note"), name("kept"))),
                        new FileContent.Inline(SMALL)));
        root.put(name("inner"), inner);
        return root;
    }

    private VerityDigest seal() throws IOException {
        StagedObject large = staged(LARGE);
        FileContent content = FileContent.External.of(large.size(), large.digest());
        store.publish(List.of(large));
        try (StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(tree(content), FormatVersion.V1, file);
            return store.publishImage(file.finish());
        }
    }

    private ComposefsMount mount(VerityDigest image, MountOptions options, OverlayMount.Form... forms)
            throws IOException {
        EnumSet<OverlayMount.Form> allowed = EnumSet.noneOf(OverlayMount.Form.class);
        allowed.addAll(List.of(forms));
        return ComposefsMount.mount(
                store.imagePath(image), store.objects(), target, image, Enforcement.GUEST_MEMORY, options, allowed);
    }

    private MountOptions writable() {
        return MountOptions.writable(new WritableLayer(
                store.folder().resolve("upper"), store.folder().resolve("work")));
    }

    /** Forms that the running kernel does not take are skipped, by name. */
    private ComposefsMount mountOrSkip(VerityDigest image, MountOptions options, OverlayMount.Form form)
            throws IOException {
        try {
            return mount(image, options, form);
        } catch (MountException e) {
            assumeTrue(false, "overlay told its layers as " + form + ": " + e.getMessage());
            throw e;
        }
    }

    @ParameterizedTest
    @EnumSource
    void mount_readOnlyInEachForm_showsTheTree(OverlayMount.Form form) throws Exception {
        ComposefsMount mount = mountOrSkip(seal(), MountOptions.readOnly(), form);
        try {
            assertShowsTheTree();
            assertThat(mountsHere()).hasSize(1).first().asString().contains(" ro,nodev,");
            assertThatThrownBy(() -> Files.writeString(target.resolve("new"), "x"))
                    .isInstanceOf(IOException.class);
        } finally {
            mount.unmount();
        }
        assertThat(target).isEmptyDirectory();
    }

    private void assertShowsTheTree() throws IOException {
        assertThat(target.toFile().list())
                .containsExactlyInAnyOrder("large", "link", "symlink", "null", "fifo", "inner");
        assertThat(target.resolve("large")).hasBinaryContent(LARGE);
        assertThat(target.resolve("inner/small")).hasBinaryContent(SMALL);
        assertThat(Files.readSymbolicLink(target.resolve("symlink"))).isEqualTo(Path.of("large"));
        assertThat(Xattrs.get(target.resolve("inner/small"), "user.note"))
                .contains("kept".getBytes(StandardCharsets.UTF_8));
        assertThat(Xattrs.get(target, "security.bulla")).contains("of the root".getBytes(StandardCharsets.UTF_8));

        FileStatus root = FileStatus.of(target);
        FileStatus large = FileStatus.of(target.resolve("large"));
        FileStatus device = FileStatus.of(target.resolve("null"));
        assertThat(root.permissions()).isEqualTo(01751);
        assertThat(root.modifiedSeconds()).isEqualTo(1_000_000_000);
        assertThat(root.modifiedNanoseconds()).isEqualTo(123_456_789);
        assertThat(root.uid()).isEqualTo(12);
        assertThat(root.gid()).isEqualTo(70_000);
        assertThat(large.permissions()).isEqualTo(04755);
        assertThat(large.links()).isEqualTo(2);
        assertThat(large.sameFile(FileStatus.of(target.resolve("link")))).isTrue();
        assertThat(large.modifiedSeconds()).isEqualTo(1_100_000_000);
        assertThat(device.type()).isEqualTo(FileStatus.TYPE_CHARACTER);
        assertThat(device.deviceMajor()).isEqualTo(1);
        assertThat(device.deviceMinor()).isEqualTo(3);
        assertThat(FileStatus.of(target.resolve("fifo")).type()).isEqualTo(FileStatus.TYPE_FIFO);
        // nodev
        assertThatThrownBy(() -> Files.readAllBytes(target.resolve("null"))).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void mount_writableInEachForm_changesGoToTheUpperFolder(OverlayMount.Form form) throws Exception {
        VerityDigest image = seal();
        VerityDigest object = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, LARGE);
        ComposefsMount mount = mountOrSkip(image, writable(), form);
        try {
            assertShowsTheTree();
            Files.setAttribute(target.resolve("large"), "unix:mode", 0600);
            assertThat(target.resolve("large")).hasBinaryContent(LARGE);
            Files.write(target.resolve("large"), new byte[] {1}, StandardOpenOption.APPEND);
            assertThat(target.resolve("large")).hasSize(LARGE.length + 1L);
            Files.write(target.resolve("inner/small"), SMALL, StandardOpenOption.APPEND);
            assertThat(target.resolve("inner/small")).hasContent("smallsmall");
            Files.move(target.resolve("inner/small"), target.resolve("moved"));
            Files.move(target.resolve("link"), target.resolve("inner/link"));
            assertThat(target.resolve("moved")).hasContent("smallsmall");
            assertThat(target.resolve("inner/link")).hasBinaryContent(LARGE);
            Files.delete(target.resolve("fifo"));
            Files.writeString(target.resolve("new"), "x");
            assertThat(store.folder().resolve("upper/new")).hasContent("x");
        } finally {
            mount.unmount();
        }
        assertThat(store.find(object)).isPresent();
        assertThat(store.find(image)).isPresent();
    }

    @Test
    void mount_ownersThroughANamespace_areShownByItsMaps() throws Exception {
        VerityDigest image = seal();
        try (UserNamespace namespace = UserNamespace.of(100_000, 80_000)) {
            ComposefsMount mount =
                    mount(image, MountOptions.readOnly().withOwnersOf(namespace.file()), OverlayMount.Form.values());
            try {
                FileStatus large = FileStatus.of(target.resolve("large"));
                assertThat(large.uid()).isEqualTo(100_012);
                assertThat(large.gid()).isEqualTo(170_000);
                assertThat(target.resolve("large")).hasBinaryContent(LARGE);
            } finally {
                mount.unmount();
            }
            ComposefsMount writable =
                    mount(image, writable().withOwnersOf(namespace.file()), OverlayMount.Form.values());
            try {
                assertThat(FileStatus.of(target).uid()).isEqualTo(100_012);
                Files.write(target.resolve("large"), new byte[] {1}, StandardOpenOption.APPEND);
                assertThat(FileStatus.of(target.resolve("large")).uid()).isEqualTo(100_012);
            } finally {
                writable.unmount();
            }
        }
    }

    @Test
    void mount_ownersThroughOurOwnNamespace_refusedAndNothingIsMounted() throws Exception {
        VerityDigest image = seal();
        MountOptions own = MountOptions.readOnly().withOwnersOf(Path.of("/proc/self/ns/user"));
        assertThatThrownBy(() -> mount(image, own, OverlayMount.Form.values()))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.is(Errno.EPERM)).isTrue());
    }

    @Test
    void mount_changesOfFilesOfEachKind_leaveTheImageAsItIs() throws Exception {
        VerityDigest image = seal();
        ComposefsMount mount = mount(image, writable(), OverlayMount.Form.values());
        try {
            Files.setAttribute(target.resolve("inner/small"), "unix:mode", 0600);
            assertThat(target.resolve("inner/small")).hasBinaryContent(SMALL);
            Files.move(target.resolve("large"), target.resolve("inner/renamed"));
            assertThat(target.resolve("inner/renamed")).hasBinaryContent(LARGE);
            Files.write(target.resolve("link"), new byte[] {1}, StandardOpenOption.APPEND);
            assertThat(target.resolve("link")).hasSize(LARGE.length + 1L);
            Files.move(target.resolve("inner"), target.resolve("outer"));
            assertThat(target.resolve("outer/renamed")).hasBinaryContent(LARGE);
            Files.write(target.resolve("outer/small"), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            assertThat(target.resolve("outer/small")).isEmptyFile();
        } finally {
            mount.unmount();
        }
        ComposefsMount again = mount(image, MountOptions.readOnly(), OverlayMount.Form.values());
        try {
            assertShowsTheTree();
        } finally {
            again.unmount();
        }
    }

    @Test
    void mount_upperOfAnEarlierMount_isKeptAsItIs() throws Exception {
        VerityDigest image = seal();
        ComposefsMount first = mount(image, writable(), OverlayMount.Form.values());
        Files.writeString(target.resolve("new"), "x");
        Files.setAttribute(target, "unix:mode", 0700);
        first.unmount();
        ComposefsMount second = mount(image, writable(), OverlayMount.Form.values());
        try {
            assertThat(target.resolve("new")).hasContent("x");
            assertThat(FileStatus.of(target).permissions()).isEqualTo(0700);
        } finally {
            second.unmount();
        }
    }

    @Test
    void mount_imageWithOtherBytes_refusedAndNothingIsMounted() throws Exception {
        VerityDigest image = seal();
        Path file = store.path(image);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> mount(image, MountOptions.readOnly(), OverlayMount.Form.values()))
                .isInstanceOf(ImageMismatchException.class);
    }

    @Test
    void mount_rootOfAbsurdTimeAndMalformedCapability_isMounted() throws Exception {
        Directory root = new Directory(metadata(0755, 900_000_000_000_000_000L)
                .withXattrs(
                        Map.of(name("security.capability"), name("garbage"), name("security.bulla"), name("kept"))));
        VerityDigest image;
        try (StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(root, FormatVersion.V1, file);
            image = store.publishImage(file.finish());
        }
        ComposefsMount mount = mount(image, writable(), OverlayMount.Form.values());
        assertThat(target).isEmptyDirectory();
        mount.unmount();
    }

    @Test
    void mount_imageThatTheKernelRefuses_leavesNothing() throws Exception {
        byte[] bytes = Files.readAllBytes(store.path(seal()));
        bytes[1024] ^= 1; // EROFS's magic
        VerityDigest broken = store.publishImage(staged(bytes));
        assertThatThrownBy(() -> mount(broken, MountOptions.readOnly(), OverlayMount.Form.values()))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("erofs");
    }

    @Test
    void mount_targetOrObjectsMissing_refusedAndNothingIsMounted() throws Exception {
        VerityDigest image = seal();
        Path here = target;
        target = folder.path().resolve("missing");
        for (OverlayMount.Form form : OverlayMount.Form.values()) {
            assertThatThrownBy(() -> mount(image, MountOptions.readOnly(), form))
                    .isInstanceOfSatisfying(
                            LinuxException.class,
                            e -> assertThat(e.is(Errno.ENOENT)).isTrue());
        }
        target = here;
        assertThatThrownBy(() -> ComposefsMount.mount(
                        store.imagePath(image),
                        folder.path().resolve("missing"),
                        target,
                        image,
                        Enforcement.GUEST_MEMORY,
                        MountOptions.readOnly()))
                .isInstanceOf(LinuxException.class);
    }

    @Test
    void mount_upperOnAnotherFileSystemThanWork_refusedAndNothingIsMounted() throws Exception {
        VerityDigest image = seal();
        Path elsewhere = Files.createTempDirectory("upper");
        MountOptions split = MountOptions.writable(
                new WritableLayer(elsewhere.resolve("upper"), store.folder().resolve("work")));
        try {
            assertThatThrownBy(() -> mount(image, split, OverlayMount.Form.values()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("overlay");
        } finally {
            Files.deleteIfExists(elsewhere.resolve("upper"));
            Files.delete(elsewhere);
        }
    }

    @Test
    void unmount_inUse_isRefused() throws Exception {
        ComposefsMount mount = mount(seal(), MountOptions.readOnly(), OverlayMount.Form.values());
        List<AutoCloseable> open = new ArrayList<>();
        open.add(Files.newInputStream(target.resolve("large")));
        assertThatThrownBy(mount::unmount)
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.is(Errno.EBUSY)).isTrue());
        open.getFirst().close();
        mount.unmount();
    }
}
