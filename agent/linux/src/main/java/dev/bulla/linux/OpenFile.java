package dev.bulla.linux;

import static java.util.Objects.checkFromIndexSize;
import static java.util.Objects.requireNonNull;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file or folder: what is checked through it is what is used through it, whatever happens to its name.
 *
 * <p>Opened read-only and close-on-exec, always. Safe for use by several threads; {@link #close()} may be called twice.
 */
public final class OpenFile implements AutoCloseable {
    private static final int CLOSED = -1;
    private static final int CHUNK = 1 << 16;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_NO_SYMLINKS = 0x04;
    private static final long RESOLVE_BENEATH = 0x08;
    private static final long OPEN_HOW_SIZE = 24;

    private final String path;
    private final AtomicInteger descriptor;

    OpenFile(String path, long descriptor) {
        this.path = requireNonNull(path, "path is null");
        this.descriptor = new AtomicInteger(Math.toIntExact(descriptor));
    }

    /** Opens a file for reading; a symbolic link is followed, and a fifo does not block. */
    public static OpenFile read(Path path) throws LinuxException {
        return open(path, Syscall.O_NONBLOCK);
    }

    /** Opens a file for reading; fails with ELOOP where the last name is a symbolic link; a fifo does not block. */
    public static OpenFile readNoFollow(Path path) throws LinuxException {
        return open(path, Syscall.O_NOFOLLOW | Syscall.O_NONBLOCK);
    }

    /** Opens a folder; fails with ENOTDIR (or ELOOP) where the last name is anything else. */
    public static OpenFile directory(Path path) throws LinuxException {
        return open(path, Syscall.O_DIRECTORY | Syscall.O_NOFOLLOW);
    }

    private static OpenFile open(Path path, long flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, PathBytes.of(path));
            String on = path.toString();
            long fd = Syscall.OPENAT.call(arena, on, Syscall.AT_FDCWD, name.address(), flags | Syscall.O_CLOEXEC, 0);
            return new OpenFile(on, fd);
        }
    }

    /**
     * Opens a file for reading, by a path that starts at this folder, cannot leave it, and passes no symbolic link.
     *
     * @param relative the path, in ASCII
     * @throws LinuxException ELOOP for a symbolic link on the way, EXDEV for an escape, ENOENT where nothing is
     */
    public OpenFile readBeneath(String relative) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, relative.getBytes(StandardCharsets.US_ASCII));
            MemorySegment how = arena.allocate(OPEN_HOW_SIZE, 8);
            how.set(ValueLayout.JAVA_LONG, 0, Syscall.O_CLOEXEC | Syscall.O_NOFOLLOW | Syscall.O_NONBLOCK);
            how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
            String on = path + "/" + relative;
            long fd = Syscall.OPENAT2.call(arena, on, number(), name.address(), how.address(), OPEN_HOW_SIZE);
            return new OpenFile(on, fd);
        }
    }

    /** The descriptor's number. */
    int number() {
        int fd = descriptor.get();
        if (fd == CLOSED) {
            throw new IllegalStateException(path + " is closed");
        }
        return fd;
    }

    /** A path of this process that opens the very same file again, without its name. */
    public Path procPath() {
        return Path.of("/proc/self/fd/" + number());
    }

    /** What the kernel says of it. */
    public FileStatus status() throws LinuxException {
        return FileStatus.of(this);
    }

    /**
     * Reads from a position.
     *
     * @return how many bytes were read; 0 at the end
     */
    public int read(byte[] into, int offset, int length, long position) throws LinuxException {
        checkFromIndexSize(offset, length, into.length);
        try (Arena arena = Arena.ofConfined()) {
            int wanted = Math.min(length, CHUNK);
            MemorySegment buffer = arena.allocate(Math.max(1, wanted));
            int got = Math.toIntExact(Syscall.PREAD64.call(arena, path, number(), buffer.address(), wanted, position));
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, offset, got);
            return got;
        }
    }

    /**
     * All its bytes, of a file whose size the kernel does not tell, as in sysfs.
     *
     * @throws LinuxException EFBIG where there are more than {@code most}
     */
    public byte[] readAll(int most) throws LinuxException {
        byte[] buffer = new byte[Math.min(most, CHUNK) + 1];
        int length = 0;
        while (true) {
            int got = read(buffer, length, buffer.length - length, length);
            length += got;
            if (length > most) {
                throw new LinuxException("read", path, Errno.EFBIG.number(), "more than " + most + " bytes");
            }
            if (got == 0) {
                return Arrays.copyOf(buffer, length);
            }
            if (length == buffer.length) {
                buffer = Arrays.copyOf(buffer, (int) Math.min(most + 1L, buffer.length * 2L));
            }
        }
    }

    /** A stream over its bytes from the first; closing the stream leaves the file open. */
    public InputStream inputStream() {
        return new OpenFileInputStream(this);
    }

    /** Sets the twelve permission bits. */
    public void setPermissions(int permissions) throws LinuxException {
        call(Syscall.FCHMOD, permissions);
    }

    /** Waits until its content and status are on the disk. */
    public void sync() throws LinuxException {
        call(Syscall.FSYNC);
    }

    /** Waits until everything that was written to its file system is on the disk. */
    public void syncFileSystem() throws LinuxException {
        call(Syscall.SYNCFS);
    }

    /** Gives this very file a further name; EEXIST where the name is taken. */
    public void linkTo(Path name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = Syscall.cString(arena, PathBytes.of(procPath()));
            MemorySegment to = Syscall.cString(arena, PathBytes.of(name));
            Syscall.LINKAT.call(
                    arena,
                    name.toString(),
                    Syscall.AT_FDCWD,
                    from.address(),
                    Syscall.AT_FDCWD,
                    to.address(),
                    Syscall.AT_SYMLINK_FOLLOW);
        }
    }

    private void call(Syscall call, long... rest) throws LinuxException {
        long[] arguments = new long[rest.length + 1];
        arguments[0] = number();
        System.arraycopy(rest, 0, arguments, 1, rest.length);
        try (Arena arena = Arena.ofConfined()) {
            call.call(arena, path, arguments);
        }
    }

    /** Closes it. The kernel's error is not reported: nothing was written through this descriptor. */
    @Override
    public void close() {
        int fd = descriptor.getAndSet(CLOSED);
        if (fd == CLOSED) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Syscall.CLOSE.call(arena, path, fd);
        } catch (LinuxException e) {
            // The descriptor is released whatever close(2) says, and reading left nothing to lose.
            return;
        }
    }

    /** The path it was opened by. */
    @Override
    public String toString() {
        return path;
    }
}
