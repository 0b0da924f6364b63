package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/** The older way to mount, and the way to unmount: mount(2), umount2(2). Needs root. */
public final class Mounts {
    private static final long MNT_DETACH = 2;
    private static final long UMOUNT_NOFOLLOW = 8;

    private Mounts() {}

    /**
     * Mounts a file system with all its options as one text.
     *
     * @param options as after {@code -o}; at most a page
     */
    public static void mount(String source, Path target, String type, Set<MountAttribute> attributes, byte[] options)
            throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = Syscall.cString(arena, source.getBytes(StandardCharsets.UTF_8));
            MemorySegment to = Syscall.cString(arena, PathBytes.of(target));
            MemorySegment name = Syscall.cString(arena, type.getBytes(StandardCharsets.US_ASCII));
            MemorySegment data = Syscall.cString(arena, options);
            Syscall.MOUNT.call(
                    arena,
                    target + " (" + type + ")",
                    from.address(),
                    to.address(),
                    name.address(),
                    MountAttribute.bits(attributes),
                    data.address());
        }
    }

    /** Unmounts what is on this folder; EBUSY while it is used. */
    public static void unmount(Path folder) throws LinuxException {
        unmount(folder, UMOUNT_NOFOLLOW);
    }

    /** Takes the mount out of sight at once; it ends when nobody uses it any more. */
    public static void detach(Path folder) throws LinuxException {
        unmount(folder, UMOUNT_NOFOLLOW | MNT_DETACH);
    }

    private static void unmount(Path folder, long flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, PathBytes.of(folder));
            Syscall.UMOUNT2.call(arena, folder.toString(), name.address(), flags);
        }
    }
}
