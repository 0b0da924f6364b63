package dev.bulla.guest.export;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file that is written beside its place and gets its name when it is complete and on the disk, in place of the one that has
 * it. Closed without {@link #commit}, nothing is left of it. Only its owner can read it.
 */
public final class ReplacedFile implements Closeable {
    private final Path file;
    private final Path written;
    private final FileChannel channel;
    private final OutputStream out;

    private ReplacedFile(Path file, Path written, FileChannel channel) {
        this.file = file;
        this.written = written;
        this.channel = channel;
        this.out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    }

    /**
     * Begins a file.
     *
     * @throws IOException when its folder cannot be written, or another thing than a file has its name
     */
    public static ReplacedFile create(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(file + ": expected a regular file, or nothing; \"-\" writes to stdout");
        }
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException(file + ": not a file's name");
        }
        Path written = Files.createTempFile(
                folder,
                ".bulla-",
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new ReplacedFile(target, written, FileChannel.open(written, StandardOpenOption.WRITE));
    }

    /** Takes the file's bytes; closed with the file. */
    public OutputStream out() {
        return out;
    }

    /** Gives the file its name. */
    public void commit() throws IOException {
        out.flush();
        channel.force(true);
        channel.close();
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(written);
        }
    }
}
