package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A flock(2) on a folder, held until closed or until the process ends, however it ends.
 *
 * <p>Advisory, between processes and between two openings in one process. A lock is on the folder itself, not on its name:
 * {@link #stillAt} says whether the name still leads to it.
 */
public final class Flock implements AutoCloseable {
    private static final long LOCK_SH = 1;
    private static final long LOCK_EX = 2;
    private static final long LOCK_NB = 4;

    private final OpenFile folder;

    private Flock(OpenFile folder) {
        this.folder = folder;
    }

    /** Waits for a lock that others may share. */
    public static Flock shared(Path folder) throws LinuxException {
        return lock(OpenFile.directory(folder), LOCK_SH);
    }

    /** Waits for a lock that nobody shares. */
    public static Flock exclusive(Path folder) throws LinuxException {
        return lock(OpenFile.directory(folder), LOCK_EX);
    }

    /** Takes a lock that nobody shares, or nothing where anyone holds one. */
    public static Optional<Flock> tryExclusive(Path folder) throws LinuxException {
        try {
            return Optional.of(lock(OpenFile.directory(folder), LOCK_EX | LOCK_NB));
        } catch (LinuxException e) {
            if (e.is(Errno.EAGAIN)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Flock lock(OpenFile folder, long operation) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.FLOCK.call(arena, folder.toString(), folder.number(), operation);
            return new Flock(folder);
        } catch (LinuxException e) {
            folder.close();
            throw e;
        }
    }

    /** The folder that is locked, open as long as the lock is held. */
    public OpenFile folder() {
        return folder;
    }

    /** Whether the folder at this path is the one that is locked; false too where nothing is there any more. */
    public boolean stillAt(Path path) throws LinuxException {
        try {
            return FileStatus.of(path).sameFile(folder.status());
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** Releases it. */
    @Override
    public void close() {
        folder.close();
    }
}
