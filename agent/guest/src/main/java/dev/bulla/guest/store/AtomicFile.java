package dev.bulla.guest.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Small files that are replaced whole, and read with a bound. */
final class AtomicFile {
    private AtomicFile() {}

    /** Replaces a file in one step; its folder is there. */
    static void write(Path folder, String name, byte[] bytes) throws IOException {
        Path written = Files.createTempFile(folder, "record", ".tmp");
        try {
            Files.write(written, bytes);
            Files.move(
                    written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /**
     * Reads a regular file, whole.
     *
     * @param limit the most bytes; one more comes back of a file that is longer
     * @return its bytes, when it is there
     */
    static Optional<byte[]> read(Path file, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(in.readNBytes(limit + 1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
