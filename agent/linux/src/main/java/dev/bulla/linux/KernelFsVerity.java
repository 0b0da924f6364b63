package dev.bulla.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Optional;

/** fs-verity by ioctl(2). */
final class KernelFsVerity implements FsVerity {
    private static final long FS_IOC_ENABLE_VERITY = 0x40806685L;
    private static final long FS_IOC_MEASURE_VERITY = 0xC0046686L;
    private static final long ENABLE_ARGUMENT_SIZE = 128;
    private static final int VERSION = 1;
    private static final int MEASURE_HEADER_SIZE = 4;
    private static final int MAX_DIGEST_SIZE = 64;

    @Override
    public void enable(OpenFile file, Hash hash, int blockSize) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(ENABLE_ARGUMENT_SIZE, 8);
            argument.set(ValueLayout.JAVA_INT, 0, VERSION);
            argument.set(ValueLayout.JAVA_INT, 4, hash.number());
            argument.set(ValueLayout.JAVA_INT, 8, blockSize);
            ioctl(arena, file, "ioctl FS_IOC_ENABLE_VERITY", FS_IOC_ENABLE_VERITY, argument);
        }
    }

    @Override
    public Optional<Measurement> measure(OpenFile file) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(MEASURE_HEADER_SIZE + MAX_DIGEST_SIZE, 8);
            argument.set(ValueLayout.JAVA_SHORT, 2, (short) MAX_DIGEST_SIZE);
            try {
                ioctl(arena, file, "ioctl FS_IOC_MEASURE_VERITY", FS_IOC_MEASURE_VERITY, argument);
            } catch (LinuxException e) {
                if (e.is(Errno.ENODATA) || FsVerity.isNotOffered(e)) {
                    return Optional.empty();
                }
                throw e;
            }
            int number = argument.get(ValueLayout.JAVA_SHORT, 0);
            int length = argument.get(ValueLayout.JAVA_SHORT, 2);
            for (Hash hash : Hash.values()) {
                if (hash.number() == number && hash.length() == length) {
                    byte[] digest =
                            argument.asSlice(MEASURE_HEADER_SIZE, length).toArray(ValueLayout.JAVA_BYTE);
                    return Optional.of(new Measurement(hash, HexFormat.of().formatHex(digest)));
                }
            }
            throw new LinuxException(
                    "ioctl FS_IOC_MEASURE_VERITY",
                    file.toString(),
                    Errno.EOPNOTSUPP.number(),
                    "hash algorithm " + number + " of " + length + " bytes");
        }
    }

    private static void ioctl(Arena arena, OpenFile file, String call, long request, MemorySegment argument)
            throws LinuxException {
        try {
            Syscall.IOCTL.call(arena, file.toString(), file.number(), request, argument.address());
        } catch (LinuxException e) {
            throw new LinuxException(call, e.path(), e.errno());
        }
    }
}
