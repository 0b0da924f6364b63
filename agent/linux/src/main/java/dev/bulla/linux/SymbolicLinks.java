package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** What symbolic links hold, byte for byte: readlinkat(2). */
public final class SymbolicLinks {
    /** The kernel's bound of a target, with an end it does not write. */
    private static final int MAX_TARGET = 4096;

    private SymbolicLinks() {}

    /**
     * The target of a link, as it stands in it.
     *
     * @throws LinuxException EINVAL where the path is no symbolic link
     */
    public static byte[] target(Path link) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, PathBytes.of(link));
            MemorySegment target = arena.allocate(MAX_TARGET);
            long length = Syscall.READLINKAT.call(
                    arena, link.toString(), Syscall.AT_FDCWD, name.address(), target.address(), MAX_TARGET);
            return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
