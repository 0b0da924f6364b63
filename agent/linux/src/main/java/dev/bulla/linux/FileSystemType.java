package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Which kind of file system a path is on, by statfs(2)'s magic number.
 *
 * @param magic the number, as an unsigned 32-bit value
 */
public record FileSystemType(long magic) {
    public static final FileSystemType TMPFS = new FileSystemType(0x01021994L);
    public static final FileSystemType RAMFS = new FileSystemType(0x858458f6L);
    public static final FileSystemType EXT4 = new FileSystemType(0xEF53L);
    public static final FileSystemType BTRFS = new FileSystemType(0x9123683EL);
    public static final FileSystemType XFS = new FileSystemType(0x58465342L);
    public static final FileSystemType F2FS = new FileSystemType(0xF2F52010L);
    public static final FileSystemType EROFS = new FileSystemType(0xE0F5E1E2L);
    public static final FileSystemType OVERLAY = new FileSystemType(0x794c7630L);

    private static final long STATFS_SIZE = 120;

    /** The file system of this path; a symbolic link is followed. */
    public static FileSystemType of(Path path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, PathBytes.of(path));
            MemorySegment status = arena.allocate(STATFS_SIZE, 8);
            Syscall.STATFS.call(arena, path.toString(), name.address(), status.address());
            return new FileSystemType(status.get(ValueLayout.JAVA_LONG, 0) & 0xffffffffL);
        }
    }

    /** Whether its files live in memory and nowhere else (tmpfs may swap; a confidential guest has no swap). */
    public boolean isMemory() {
        return equals(TMPFS) || equals(RAMFS);
    }

    /** Its name, or its number where we have no name for it. */
    @Override
    public String toString() {
        if (equals(TMPFS)) {
            return "tmpfs";
        } else if (equals(RAMFS)) {
            return "ramfs";
        } else if (equals(EXT4)) {
            return "ext4";
        } else if (equals(BTRFS)) {
            return "btrfs";
        } else if (equals(XFS)) {
            return "xfs";
        } else if (equals(F2FS)) {
            return "f2fs";
        } else if (equals(EROFS)) {
            return "erofs";
        } else if (equals(OVERLAY)) {
            return "overlay";
        }
        return String.format(Locale.ROOT, "file system 0x%x", magic);
    }
}
