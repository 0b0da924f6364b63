package dev.bulla.guest.store;

import dev.bulla.linux.Errno;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Small files that are replaced whole, and read with a bound. */
public final class AtomicFile {
    private AtomicFile() {}

    /** Replaces a file in one step, with bytes that are on the disk by then; its folder is there. */
    public static void write(Path folder, String name, byte[] bytes) throws IOException {
        Path written = Files.createTempFile(folder, "record", ".tmp");
        try {
            Files.write(written, bytes);
            try (OpenFile file = OpenFile.readNoFollow(written)) {
                file.sync();
            }
            Files.move(
                    written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /**
     * Reads a regular file, whole. Waits for nobody, whatever stands there.
     *
     * @param limit the most bytes; one more comes back of a file that is longer
     * @return its bytes, when it is there
     * @throws RecordException when something else is
     */
    public static Optional<byte[]> read(Path file, int limit) throws IOException {
        try (OpenFile open = OpenFile.readNoFollow(file);
                InputStream in = open.inputStream()) {
            if (!open.status().isRegular()) {
                throw notRegular(file, open.status().kind());
            }
            return Optional.of(in.readNBytes(limit + 1));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            if (e.is(Errno.ELOOP) || e.is(Errno.ENXIO)) {
                throw notRegular(file, e.is(Errno.ELOOP) ? "a symbolic link" : "a socket or device");
            }
            throw e;
        }
    }

    private static RecordException notRegular(Path file, String got) {
        return new RecordException(file + ": got " + got + ", expected a regular file");
    }
}
