package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A mount that is attached nowhere until {@link #moveTo}; closed before that, it is gone. */
public final class DetachedMount implements AutoCloseable {
    private static final long MOVE_MOUNT_F_EMPTY_PATH = 4;

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
