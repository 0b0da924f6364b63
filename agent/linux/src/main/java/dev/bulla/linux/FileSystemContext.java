package dev.bulla.linux;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/**
 * A file system being configured for mounting: fsopen(2), fsconfig(2), fsmount(2).
 *
 * <p>Used once, by one thread: parameters, {@link #create()}, {@link #mount}. Failures carry what the kernel's log of the
 * context says.
 */
public final class FileSystemContext implements AutoCloseable {
    private static final long FSOPEN_CLOEXEC = 1;
    private static final long FSMOUNT_CLOEXEC = 1;
    private static final long FSCONFIG_SET_FLAG = 0;
    private static final long FSCONFIG_SET_STRING = 1;
    private static final long FSCONFIG_SET_FD = 5;
    private static final long FSCONFIG_CMD_CREATE = 6;
    private static final int MAX_LOG_LINES = 8;
    private static final int MAX_LOG_LINE = 512;

    private final String type;
    private final OpenFile context;

    private FileSystemContext(String type, OpenFile context) {
        this.type = type;
        this.context = context;
    }

    /** Starts with a file system's type, {@code erofs}; ENODEV where the kernel does not have it. */
    public static FileSystemContext open(String type) throws LinuxException {
        requireNonNull(type, "type is null");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Syscall.cString(arena, type.getBytes(StandardCharsets.US_ASCII));
            return new FileSystemContext(
                    type, new OpenFile(type, Syscall.FSOPEN.call(arena, type, name.address(), FSOPEN_CLOEXEC)));
        }
    }

    /** Sets a parameter that has no value. */
    public void setFlag(String key) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            configure(arena, FSCONFIG_SET_FLAG, key, "", 0, 0);
        }
    }

    /** Sets a parameter to a text. */
    public void setString(String key, String value) throws LinuxException {
        setBytes(key, value.getBytes(StandardCharsets.UTF_8), value);
    }

    /** Sets a parameter to a path. */
    public void setPath(String key, Path value) throws LinuxException {
        setBytes(key, PathBytes.of(value), value.toString());
    }

    private void setBytes(String key, byte[] value, String shown) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = Syscall.cString(arena, value);
            configure(arena, FSCONFIG_SET_STRING, key, "=" + shown, text.address(), 0);
        }
    }

    /** Sets a parameter to an open file or folder. */
    public void setFile(String key, OpenFile value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            configure(arena, FSCONFIG_SET_FD, key, "=" + value, 0, value.number());
        }
    }

    /** Sets a parameter to the root of a mount that is not attached anywhere. */
    public void setMount(String key, DetachedMount value) throws LinuxException {
        setFile(key, value.root());
    }

    /** Makes the file system's instance from the parameters. */
    public void create() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            configure(arena, FSCONFIG_CMD_CREATE, "", "", 0, 0);
        }
    }

    private void configure(Arena arena, long command, String key, String shown, long value, long auxiliary)
            throws LinuxException {
        long name = key.isEmpty()
                ? 0
                : Syscall.cString(arena, key.getBytes(StandardCharsets.US_ASCII))
                        .address();
        try {
            Syscall.FSCONFIG.call(arena, type, context.number(), command, name, value, auxiliary);
        } catch (LinuxException e) {
            String what = command == FSCONFIG_CMD_CREATE ? "create" : key + shown;
            throw new LinuxException(e.call(), type + " " + what, e.errno(), log());
        }
    }

    /** The instance as a mount that is not attached anywhere yet. */
    public DetachedMount mount(Set<MountAttribute> attributes) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long fd = Syscall.FSMOUNT.call(
                    arena, type, context.number(), FSMOUNT_CLOEXEC, MountAttribute.bits(attributes));
            return new DetachedMount(new OpenFile(type, fd));
        } catch (LinuxException e) {
            throw new LinuxException(e.call(), e.path(), e.errno(), log());
        }
    }

    /** What the kernel has to say about this context, in one line. */
    private String log() {
        StringBuilder lines = new StringBuilder();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocate(MAX_LOG_LINE);
            for (int i = 0; i < MAX_LOG_LINES; i++) {
                long got = Syscall.READ.call(arena, type, context.number(), line.address(), MAX_LOG_LINE);
                String text = new String(line.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
                lines.append(lines.isEmpty() ? "" : "; ").append(text.strip());
            }
        } catch (LinuxException e) {
            return lines.toString(); // ENODATA: no more of it
        }
        return lines.toString();
    }

    /** Gives the context up; a mount made from it stays. */
    @Override
    public void close() {
        context.close();
    }
}
