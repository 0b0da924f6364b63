package dev.bulla.linux;

import static java.util.Objects.requireNonNull;

import java.io.IOException;

/**
 * Thrown when a system call fails: which call, on what, and the kernel's error.
 *
 * <p>The message is one line, {@code openat /x: ENOENT (no such file or directory)}; what the kernel's own mount log says
 * is appended where there is one.
 */
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final String path;
    private final int errno;

    public LinuxException(String call, String path, int errno) {
        this(call, path, errno, "");
    }

    /**
     * @param detail what the kernel added in words; empty for nothing
     */
    public LinuxException(String call, String path, int errno, String detail) {
        super(call + " " + printable(path) + ": " + describe(errno)
                + (detail.isEmpty() ? "" : ": " + printable(detail)));
        this.call = requireNonNull(call, "call is null");
        this.path = requireNonNull(path, "path is null");
        this.errno = errno;
    }

    private static String describe(int errno) {
        return Errno.of(errno).map(e -> e.name() + " (" + e.text() + ")").orElseGet(() -> "errno " + errno);
    }

    static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
    }

    /** The call's name, {@code openat}. */
    public String call() {
        return call;
    }

    /** What it was called on: a path, or a file system's name. */
    public String path() {
        return path;
    }

    /** The kernel's error number. */
    public int errno() {
        return errno;
    }

    /** Whether the kernel's error is this one. */
    public boolean is(Errno error) {
        return errno == error.number();
    }
}
