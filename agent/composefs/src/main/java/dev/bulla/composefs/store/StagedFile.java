package dev.bulla.composefs.store;

import static java.util.Objects.checkFromIndexSize;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A new file in staging: what is written to it is hashed on the way.
 *
 * <p>Writes of a few kilobytes and more go straight to the file, smaller ones are gathered. Nothing is synced here. Ends
 * with {@link #finish()}; closed without that, the file is deleted. Used by one thread.
 */
public final class StagedFile extends OutputStream {
    private static final int GATHERED = 8192;
    private static final Set<OpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;
    private final long number;
    private final FileChannel channel;
    private final FsVerityDigester digester;
    private byte @Nullable [] gathered;
    private int used;
    private boolean ended;

    private StagedFile(Path folder, long number, FileChannel channel, VerityAlgorithm algorithm) {
        this.folder = folder;
        this.number = number;
        this.channel = channel;
        this.digester = new FsVerityDigester(algorithm);
    }

    /** Creates a file in {@code folder}, named by the next number that is free. */
    static StagedFile create(Path folder, AtomicLong numbers, VerityAlgorithm algorithm) throws IOException {
        while (true) {
            long number = numbers.getAndIncrement();
            try {
                FileChannel channel = FileChannel.open(folder.resolve(Long.toString(number)), CREATE, PRIVATE);
                return new StagedFile(folder, number, channel, algorithm);
            } catch (FileAlreadyExistsException e) {
                // Another opening of the store stages in the same folder: the next number.
            }
        }
    }

    @Override
    public void write(int b) throws IOException {
        byte[] buffer = room(1);
        buffer[used++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        checkFromIndexSize(offset, length, bytes.length);
        if (length >= GATHERED / 2) {
            flushGathered();
            digestAndWrite(bytes, offset, length);
        } else if (length > 0) {
            byte[] buffer = room(length);
            System.arraycopy(bytes, offset, buffer, used, length);
            used += length;
        }
    }

    private byte[] room(int length) throws IOException {
        requireOpen();
        byte[] buffer = gathered;
        if (buffer == null) {
            buffer = new byte[GATHERED];
            gathered = buffer;
        }
        if (buffer.length - used < length) {
            flushGathered();
        }
        return buffer;
    }

    private void flushGathered() throws IOException {
        byte[] buffer = gathered;
        if (buffer != null && used > 0) {
            digestAndWrite(buffer, 0, used);
            used = 0;
        }
    }

    private void digestAndWrite(byte[] bytes, int offset, int length) throws IOException {
        requireOpen();
        digester.update(bytes, offset, length);
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private void requireOpen() throws IOException {
        if (ended) {
            throw new IOException("staged file " + folder.resolve(Long.toString(number)) + " is closed");
        }
    }

    /** Ends the file: nothing can be written any more. */
    public StagedObject finish() throws IOException {
        requireOpen();
        try {
            flushGathered();
            channel.close();
            ended = true;
            return new StagedObject(digester.finish(), digester.size(), folder, number);
        } finally {
            close();
        }
    }

    /** Deletes the file unless it was finished. */
    @Override
    public void close() throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        try (channel) {
            Files.deleteIfExists(folder.resolve(Long.toString(number)));
        }
    }
}
