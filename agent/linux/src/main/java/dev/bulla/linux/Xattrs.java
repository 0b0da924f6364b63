package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Extended attributes of a file by path; a symbolic link's are its own, it is never followed.
 *
 * <p>Names and values are bytes. The kernel shows {@code trusted.*} to root only.
 */
public final class Xattrs {
    /** The kernel's bound of a value, and of the list of all names. */
    public static final int MAX_SIZE = 65536;

    private static final int FIRST_TRY = 512;

    private Xattrs() {}

    /** The names of all attributes, in the file system's order; none where the file system has no attributes. */
    public static List<byte[]> list(Path path) throws LinuxException {
        byte[] names;
        try {
            names = read(Syscall.LLISTXATTR, path, new byte[0]);
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return List.of();
            }
            throw e;
        }
        List<byte[]> list = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < names.length; i++) {
            if (names[i] == 0) {
                byte[] name = new byte[i - start];
                System.arraycopy(names, start, name, 0, name.length);
                list.add(name);
                start = i + 1;
            }
        }
        return List.copyOf(list);
    }

    /** An attribute's value, if the file has it. */
    public static Optional<byte[]> get(Path path, byte[] name) throws LinuxException {
        try {
            return Optional.of(read(Syscall.LGETXATTR, path, name));
        } catch (LinuxException e) {
            if (e.is(Errno.ENODATA) || e.is(Errno.EOPNOTSUPP)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** An attribute's value, if the file has it. */
    public static Optional<byte[]> get(Path path, String name) throws LinuxException {
        return get(path, name.getBytes(StandardCharsets.UTF_8));
    }

    /** Sets an attribute, new or not. */
    public static void set(Path path, byte[] name, byte[] value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = Syscall.cString(arena, PathBytes.of(path));
            MemorySegment key = Syscall.cString(arena, name);
            MemorySegment bytes = bytes(arena, value);
            Syscall.LSETXATTR.call(
                    arena, path.toString(), file.address(), key.address(), bytes.address(), value.length, 0);
        }
    }

    /** Sets an attribute, new or not. */
    public static void set(Path path, String name, byte[] value) throws LinuxException {
        set(path, name.getBytes(StandardCharsets.UTF_8), value);
    }

    /** Sets an attribute of an open file, new or not. */
    public static void set(OpenFile file, byte[] name, byte[] value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = Syscall.cString(arena, name);
            MemorySegment bytes = bytes(arena, value);
            Syscall.FSETXATTR.call(
                    arena, file.toString(), file.number(), key.address(), bytes.address(), value.length, 0);
        }
    }

    /** Removes an attribute. */
    public static void remove(Path path, byte[] name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = Syscall.cString(arena, PathBytes.of(path));
            MemorySegment key = Syscall.cString(arena, name);
            Syscall.LREMOVEXATTR.call(arena, path.toString(), file.address(), key.address());
        }
    }

    private static MemorySegment bytes(Arena arena, byte[] value) {
        MemorySegment segment = arena.allocate(Math.max(1, value.length));
        MemorySegment.copy(value, 0, segment, ValueLayout.JAVA_BYTE, 0, value.length);
        return segment;
    }

    /** Reads into a small buffer, and into one of the kernel's bound where that is not enough. */
    private static byte[] read(Syscall call, Path path, byte[] name) throws LinuxException {
        try {
            return read(call, path, name, FIRST_TRY);
        } catch (LinuxException e) {
            if (!e.is(Errno.ERANGE)) {
                throw e;
            }
            return read(call, path, name, MAX_SIZE);
        }
    }

    private static byte[] read(Syscall call, Path path, byte[] name, int capacity) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = Syscall.cString(arena, PathBytes.of(path));
            MemorySegment buffer = arena.allocate(capacity);
            String on = path.toString();
            long got = call == Syscall.LLISTXATTR
                    ? call.call(arena, on, file.address(), buffer.address(), capacity)
                    : call.call(
                            arena,
                            on,
                            file.address(),
                            Syscall.cString(arena, name).address(),
                            buffer.address(),
                            capacity);
            return buffer.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
