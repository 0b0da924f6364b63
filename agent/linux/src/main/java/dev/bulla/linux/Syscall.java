package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/** The system calls we make, by their numbers on the two architectures, and the one way to make them. */
enum Syscall {
    CLOSE(3, 57),
    FCHMOD(91, 52),
    FLOCK(73, 32),
    FSCONFIG(431, 431),
    FSETXATTR(190, 7),
    FSMOUNT(432, 432),
    FSOPEN(430, 430),
    FSYNC(74, 82),
    GETEUID(107, 175),
    IOCTL(16, 29),
    LGETXATTR(192, 9),
    LINKAT(265, 37),
    LLISTXATTR(195, 12),
    LREMOVEXATTR(198, 15),
    LSETXATTR(189, 6),
    MKNODAT(259, 33),
    MOUNT(165, 40),
    MOUNT_SETATTR(442, 442),
    MOVE_MOUNT(429, 429),
    OPENAT(257, 56),
    OPENAT2(437, 437),
    PREAD64(17, 67),
    READ(0, 63),
    READLINKAT(267, 78),
    RENAMEAT2(316, 276),
    STATFS(137, 43),
    STATX(332, 291),
    SYNCFS(306, 267),
    UMOUNT2(166, 39);

    /** The folder that relative paths start from: the process's own. */
    static final long AT_FDCWD = -100;

    static final long AT_SYMLINK_NOFOLLOW = 0x100;
    static final long AT_SYMLINK_FOLLOW = 0x400;
    static final long AT_EMPTY_PATH = 0x1000;

    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));

    /** Flags of open(2) whose values differ between the two architectures. */
    static final long O_DIRECTORY = ARM ? 0x4000 : 0x10000;

    static final long O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
    static final long O_CLOEXEC = 0x80000;
    static final long O_NONBLOCK = 0x800;

    private static final int MAX_ARGUMENTS = 6;
    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = bind();

    private final int x86;
    private final int arm;

    Syscall(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    @SuppressWarnings("restricted") // binding libc is what this package is for
    private static MethodHandle bind() {
        Linker linker = Linker.nativeLinker();
        ValueLayout l = ValueLayout.JAVA_LONG;
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(l, l, l, l, l, l, l, l),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }

    /** The call's name as in its manual page. */
    String call() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Makes the call, again when a signal interrupts it.
     *
     * @param arena where the call's error is kept; the arguments' memory must be alive too
     * @param on what it is called on, for the message
     * @return the call's value, not negative
     * @throws LinuxException when the kernel refuses
     */
    long call(Arena arena, String on, long... arguments) throws LinuxException {
        MemorySegment state = arena.allocate(CAPTURED);
        long[] a = new long[MAX_ARGUMENTS];
        System.arraycopy(arguments, 0, a, 0, arguments.length);
        while (true) {
            long result = invoke(state, a);
            if (result >= 0) {
                return result;
            }
            int errno = (int) ERRNO.get(state, 0L);
            // After close(2) the descriptor is gone whatever the error is: once only.
            if (errno != Errno.EINTR.number() || this == CLOSE) {
                throw new LinuxException(call(), on, errno);
            }
        }
    }

    private long invoke(MemorySegment state, long[] a) {
        try {
            return (long) SYSCALL.invokeExact(state, (long) (ARM ? arm : x86), a[0], a[1], a[2], a[3], a[4], a[5]);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // a downcall throws nothing checked
        }
    }

    /** These bytes as a C string. */
    static MemorySegment cString(Arena arena, byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                throw new IllegalArgumentException("text for the kernel holds a NUL");
            }
        }
        MemorySegment segment = arena.allocate(bytes.length + 1L); // zeroed: the last byte ends the string
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }
}
