package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Renaming with renameat2(2)'s promise that nothing is replaced. */
public final class Renames {
    private static final long RENAME_NOREPLACE = 1;

    private Renames() {}

    /**
     * Moves a file to a name that must be free, in one step.
     *
     * @throws LinuxException EEXIST where the name is taken, by whatever; EINVAL where the file system cannot promise it
     */
    public static void withoutReplacing(Path from, Path to) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = Syscall.cString(arena, PathBytes.of(from));
            MemorySegment target = Syscall.cString(arena, PathBytes.of(to));
            Syscall.RENAMEAT2.call(
                    arena,
                    to.toString(),
                    Syscall.AT_FDCWD,
                    source.address(),
                    Syscall.AT_FDCWD,
                    target.address(),
                    RENAME_NOREPLACE);
        }
    }
}
