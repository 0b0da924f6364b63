package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * What statx(2) says of a file.
 *
 * @param mode type and permission bits, as st_mode
 * @param links how many names it has
 * @param uid the owner
 * @param gid the owning group
 * @param size in bytes
 * @param deviceMajor major number, where it is a device
 * @param deviceMinor minor number, where it is a device
 * @param fileSystem the file system's device number; with {@code inode} it is the file's identity
 * @param inode the inode number
 * @param modifiedSeconds time of the last change of content, seconds since 1970
 * @param modifiedNanoseconds and the nanoseconds beyond
 */
public record FileStatus(
        int mode,
        long links,
        long uid,
        long gid,
        long size,
        long deviceMajor,
        long deviceMinor,
        long fileSystem,
        long inode,
        long modifiedSeconds,
        int modifiedNanoseconds) {
    /** The bits of {@code mode} that hold the type. */
    public static final int TYPE_MASK = 0170000;

    public static final int TYPE_SOCKET = 0140000;
    public static final int TYPE_SYMLINK = 0120000;
    public static final int TYPE_REGULAR = 0100000;
    public static final int TYPE_BLOCK = 0060000;
    public static final int TYPE_DIRECTORY = 0040000;
    public static final int TYPE_CHARACTER = 0020000;
    public static final int TYPE_FIFO = 0010000;

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int SIZE = 256;

    /** Of the file at this path; a symbolic link is not followed. */
    public static FileStatus of(Path path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, PathBytes.of(path));
            return read(arena, Syscall.AT_FDCWD, name, Syscall.AT_SYMLINK_NOFOLLOW, path.toString());
        }
    }

    static FileStatus of(OpenFile file) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = Syscall.cString(arena, new byte[0]);
            return read(arena, file.number(), empty, Syscall.AT_EMPTY_PATH, file.toString());
        }
    }

    private static FileStatus read(Arena arena, long folder, MemorySegment name, long flags, String on)
            throws LinuxException {
        MemorySegment s = arena.allocate(SIZE, 8);
        Syscall.STATX.call(arena, on, folder, name.address(), flags, STATX_BASIC_STATS, s.address());
        return new FileStatus(
                s.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
                unsigned(s, 16),
                unsigned(s, 20),
                unsigned(s, 24),
                s.get(ValueLayout.JAVA_LONG, 40),
                unsigned(s, 128),
                unsigned(s, 132),
                unsigned(s, 136) << 32 | unsigned(s, 140),
                s.get(ValueLayout.JAVA_LONG, 32),
                s.get(ValueLayout.JAVA_LONG, 112),
                s.get(ValueLayout.JAVA_INT, 120));
    }

    private static long unsigned(MemorySegment s, long offset) {
        return Integer.toUnsignedLong(s.get(ValueLayout.JAVA_INT, offset));
    }

    /** The type bits of the mode, one of the {@code TYPE_} values. */
    public int type() {
        return mode & TYPE_MASK;
    }

    /** The twelve permission bits of the mode. */
    public int permissions() {
        return mode & 07777;
    }

    /** Whether it is a regular file. */
    public boolean isRegular() {
        return type() == TYPE_REGULAR;
    }

    /** Whether it is a directory. */
    public boolean isDirectory() {
        return type() == TYPE_DIRECTORY;
    }

    /** What kind of file it is, in words. */
    public String kind() {
        return switch (type()) {
            case TYPE_REGULAR -> "a regular file";
            case TYPE_DIRECTORY -> "a directory";
            case TYPE_SYMLINK -> "a symbolic link";
            case TYPE_CHARACTER -> "a character device";
            case TYPE_BLOCK -> "a block device";
            case TYPE_FIFO -> "a fifo";
            default -> "a socket";
        };
    }

    /** Whether both are the same file. */
    public boolean sameFile(FileStatus other) {
        return fileSystem == other.fileSystem && inode == other.inode;
    }
}
