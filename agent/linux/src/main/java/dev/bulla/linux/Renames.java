package dev.bulla.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
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

    /**
     * Moves a file to a name that must be free, also on a file system that cannot rename without replacing: there it is
     * linked, which never replaces, and its old name deleted.
     *
     * @param file the file, open
     * @param from its name
     * @throws LinuxException EEXIST where the name is taken, by whatever
     */
    public static void withoutReplacing(OpenFile file, Path from, Path to) throws IOException {
        try {
            withoutReplacing(from, to);
        } catch (LinuxException e) {
            if (!e.is(Errno.EINVAL)) {
                throw e;
            }
            file.linkTo(to);
            Files.delete(from);
        }
    }
}
