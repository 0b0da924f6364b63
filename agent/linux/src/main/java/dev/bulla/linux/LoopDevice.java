package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * A loop device over an open file, read-only. Needs root.
 *
 * <p>The kernel frees the device by itself once this is closed and nothing is mounted from it.
 */
public final class LoopDevice implements AutoCloseable {
    /** How often a device that another process took in between is given up for the next. */
    static final int MAX_TRIES = 64;

    private static final long LOOP_CTL_GET_FREE = 0x4C82;
    private static final long LOOP_CONFIGURE = 0x4C0A;
    private static final long CONFIG_SIZE = 304;
    private static final int BLOCK_SIZE = 4096;
    private static final long FLAGS_OFFSET = 60; // lo_flags of struct loop_info64, itself 8 into struct loop_config
    private static final int LO_FLAGS_READ_ONLY = 1;
    private static final int LO_FLAGS_AUTOCLEAR = 4;

    private final Path path;
    private final OpenFile device;

    private LoopDevice(Path path, OpenFile device) {
        this.path = path;
        this.device = device;
    }

    /**
     * Attaches a free device to the file.
     *
     * @throws LinuxException ENOENT or ENXIO where there are no loop devices, EBUSY where every one was taken first
     */
    public static LoopDevice attach(OpenFile file) throws LinuxException {
        try (Arena arena = Arena.ofConfined();
                OpenFile control = OpenFile.read(Path.of("/dev/loop-control"))) {
            MemorySegment config = arena.allocate(CONFIG_SIZE, 8);
            config.set(ValueLayout.JAVA_INT, 0, file.number());
            config.set(ValueLayout.JAVA_INT, 4, BLOCK_SIZE);
            config.set(ValueLayout.JAVA_INT, FLAGS_OFFSET, LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR);
            for (int attempt = 1; ; attempt++) {
                long number = Syscall.IOCTL.call(arena, control.toString(), control.number(), LOOP_CTL_GET_FREE, 0);
                Path path = Path.of("/dev/loop" + number);
                OpenFile device = OpenFile.read(path);
                try {
                    Syscall.IOCTL.call(arena, path.toString(), device.number(), LOOP_CONFIGURE, config.address());
                    return new LoopDevice(path, device);
                } catch (LinuxException e) {
                    device.close();
                    // Between the two calls another process may take the same device.
                    if (!e.is(Errno.EBUSY) || attempt == MAX_TRIES) {
                        throw new LinuxException("ioctl LOOP_CONFIGURE", e.path(), e.errno());
                    }
                }
            }
        }
    }

    /** Its path, {@code /dev/loop0}. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        device.close();
    }
}
