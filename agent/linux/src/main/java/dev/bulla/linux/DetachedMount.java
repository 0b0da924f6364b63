package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A mount that is attached nowhere until {@link #moveTo}; closed before that, it is gone. */
public final class DetachedMount implements AutoCloseable {
    private static final long MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final long MOUNT_ATTR_IDMAP = 0x100000;
    private static final long MOUNT_ATTR_SIZE = 32;
    private static final long USER_NAMESPACE_OFFSET = 24; // struct mount_attr: three 64-bit fields before it

    private final OpenFile root;

    DetachedMount(OpenFile root) {
        this.root = root;
    }

    /** Its root folder. */
    OpenFile root() {
        return root;
    }

    /** A path of this process that leads to its root folder, as long as this is open. */
    public Path rootPath() {
        return root.procPath().resolve(".");
    }

    /**
     * Shows owners through the maps of a user namespace: mount_setattr(2) with MOUNT_ATTR_IDMAP. Only before the mount is
     * attached, and once. Needs root.
     *
     * @param userNamespace the namespace, opened from {@code /proc/PID/ns/user}
     * @throws LinuxException EINVAL where the file system cannot be mapped or the file is no user namespace, EPERM for the
     *     namespace that the file system itself is in
     */
    public void mapOwners(OpenFile userNamespace) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = Syscall.cString(arena, new byte[0]);
            MemorySegment attributes = arena.allocate(MOUNT_ATTR_SIZE, 8);
            attributes.set(ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_IDMAP);
            attributes.set(ValueLayout.JAVA_LONG, USER_NAMESPACE_OFFSET, userNamespace.number());
            Syscall.MOUNT_SETATTR.call(
                    arena,
                    root + " owners by " + userNamespace,
                    root.number(),
                    empty.address(),
                    Syscall.AT_EMPTY_PATH,
                    attributes.address(),
                    MOUNT_ATTR_SIZE);
        }
    }

    /** Attaches it on a folder; a symbolic link there is not followed. */
    public void moveTo(Path folder) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = Syscall.cString(arena, new byte[0]);
            MemorySegment target = Syscall.cString(arena, PathBytes.of(folder));
            Syscall.MOVE_MOUNT.call(
                    arena,
                    folder.toString(),
                    root.number(),
                    empty.address(),
                    Syscall.AT_FDCWD,
                    target.address(),
                    MOVE_MOUNT_F_EMPTY_PATH);
        }
    }

    @Override
    public void close() {
        root.close();
    }
}
