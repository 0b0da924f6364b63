package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Makes the files that are neither data nor folder nor link: devices and fifos, by mknod(2). Devices need root. */
public final class SpecialFiles {
    private SpecialFiles() {}

    /** Makes a character device; 0:0 is overlay's whiteout. */
    public static void characterDevice(Path path, int permissions, int major, int minor) throws LinuxException {
        make(path, FileStatus.TYPE_CHARACTER | permissions, device(major, minor));
    }

    /** Makes a block device. */
    public static void blockDevice(Path path, int permissions, int major, int minor) throws LinuxException {
        make(path, FileStatus.TYPE_BLOCK | permissions, device(major, minor));
    }

    /** Makes a fifo. */
    public static void fifo(Path path, int permissions) throws LinuxException {
        make(path, FileStatus.TYPE_FIFO | permissions, 0);
    }

    /** The kernel's encoding of a device number: 12 bits of major, 20 of minor, in three pieces. */
    static long device(int major, int minor) {
        if (major < 0 || major >= 1 << 12 || minor < 0 || minor >= 1 << 20) {
            throw new IllegalArgumentException("device " + major + ":" + minor + ": expected below 4096:1048576");
        }
        return (minor & 0xffL) | ((long) major << 8) | ((minor & ~0xffL) << 12);
    }

    private static void make(Path path, long mode, long device) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, PathBytes.of(path));
            Syscall.MKNODAT.call(arena, path.toString(), Syscall.AT_FDCWD, name.address(), mode, device);
        }
    }
}
