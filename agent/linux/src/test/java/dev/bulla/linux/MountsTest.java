package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountsTest {
    @TempDir
    Path folder;

    @Test
    void context_tmpfs_mountsAndUnmounts() throws Exception {
        assumeTrue(Identity.effectiveUser() == 0, "root");
        Path target = Files.createDirectory(folder.resolve("target"));
        try (FileSystemContext tmpfs = FileSystemContext.open("tmpfs")) {
            tmpfs.setString("size", "1m");
            tmpfs.create();
            try (DetachedMount mount = tmpfs.mount(EnumSet.of(MountAttribute.READ_ONLY, MountAttribute.NO_DEVICES))) {
                assertThat(FileSystemType.of(mount.rootPath())).isEqualTo(FileSystemType.TMPFS);
                mount.moveTo(target);
            }
        }
        try {
            assertThat(FileSystemType.of(target)).isEqualTo(FileSystemType.TMPFS);
            assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).contains(target + " ro,nodev");
        } finally {
            Mounts.unmount(target);
        }
        OpenFileTest.assertErrno(Errno.EINVAL, () -> Mounts.unmount(target));
    }

    @Test
    void context_unknownTypeOrParameter_refusedWithTheKernelsWords() throws Exception {
        assumeTrue(Identity.effectiveUser() == 0, "root");
        OpenFileTest.assertErrno(Errno.ENODEV, () -> FileSystemContext.open("nosuchfs"));
        try (FileSystemContext tmpfs = FileSystemContext.open("tmpfs")) {
            LinuxException e = catchThrowableOfType(LinuxException.class, () -> tmpfs.setString("nosuch", "1"));
            assertThat(e.is(Errno.EINVAL)).isTrue();
            assertThat(e).hasMessageContaining("nosuch=1").hasMessageContaining("Unknown parameter");
        }
    }

    @Test
    void loop_attached_showsTheFileAndGoesAway() throws Exception {
        assumeTrue(Identity.effectiveUser() == 0, "root");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "loop devices");
        byte[] content = new byte[8192];
        content[4096] = 42;
        Path file = Files.write(folder.resolve("file"), content);
        Path device;
        try (OpenFile open = OpenFile.read(file);
                LoopDevice loop = LoopDevice.attach(open)) {
            device = loop.path();
            byte[] got = new byte[1];
            try (OpenFile block = OpenFile.read(device)) {
                assertThat(block.read(got, 0, 1, 4096)).isEqualTo(1);
            }
            assertThat(got[0]).isEqualTo((byte) 42);
            assertThat(Files.readString(backing(device)).strip())
                    .isEqualTo(file.toRealPath().toString());
        }
        assertThat(device.toString()).startsWith("/dev/loop");
    }

    @Test
    void loop_attachedByManyAtOnce_eachGetsItsOwn() throws Exception {
        assumeTrue(Identity.effectiveUser() == 0, "root");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "loop devices");
        int many = 12;
        List<LoopDevice> devices = new CopyOnWriteArrayList<>();
        Path file = Files.write(folder.resolve("file"), new byte[8192]);
        try (OpenFile open = OpenFile.read(file);
                ExecutorService threads = Executors.newFixedThreadPool(many)) {
            List<Future<Boolean>> attaching = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                attaching.add(threads.submit(() -> devices.add(LoopDevice.attach(open))));
            }
            for (Future<Boolean> attached : attaching) {
                assertThat(attached.get()).isTrue();
            }
            assertThat(devices)
                    .extracting(LoopDevice::path)
                    .doesNotHaveDuplicates()
                    .hasSize(many);
        } finally {
            devices.forEach(LoopDevice::close);
        }
    }

    private static Path backing(Path device) {
        return Path.of("/sys/block", String.valueOf(device.getFileName()), "loop/backing_file");
    }

    @Test
    void bits_attributes_areTheKernels() {
        assertThat(MountAttribute.bits(Set.of())).isZero();
        assertThat(MountAttribute.bits(EnumSet.allOf(MountAttribute.class))).isEqualTo(15);
    }
}
