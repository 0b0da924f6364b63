package dev.bulla.kbs.audit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * A log that is open for writing: one JSON object a line, {@code seq} and {@code prev} first.
 *
 * <p>A record is with the kernel when {@link #append} returns, so it outlives the process; with {@code synchronous} it is on
 * the disk, so it outlives a power failure too, at the price of one {@code fsync} a record.
 */
public final class AuditFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final boolean synchronous;

    @GuardedBy("this")
    private AuditHead head;

    @GuardedBy("this")
    private boolean broken;

    private AuditFile(Path file, FileChannel channel, AuditHead head, boolean synchronous) {
        this.file = file;
        this.channel = channel;
        this.head = head;
        this.synchronous = synchronous;
    }

    /**
     * Opens a log, or makes one that only its owner may read; one that is there is verified first.
     *
     * @throws AuditException when the log is broken, another process has it, or it cannot be opened
     */
    public static AuditFile open(Path file, boolean synchronous) throws AuditException {
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.APPEND,
                            LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw new AuditException("audit log " + file + ": another process writes it");
                }
                return new AuditFile(file, channel, AuditHead.verify(file), synchronous);
            } catch (IOException | IllegalStateException | AuditException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | IllegalStateException e) {
            throw new AuditException("audit log " + file + ": cannot be opened", e);
        }
    }

    /**
     * Writes a record.
     *
     * @param record members other than {@code seq} and {@code prev}
     * @throws AuditException when it cannot be written; from then on nothing can
     */
    public synchronized void append(JsonObject record) throws AuditException {
        if (broken) {
            throw new AuditException("audit log " + file + ": a record could not be written before");
        }
        JsonObject.Builder members =
                JsonObject.builder().put(AuditHead.NUMBER, head.records() + 1).put(AuditHead.PREVIOUS, head.hash());
        record.members().forEach(members::put);
        byte[] line = JsonWriter.compact(members.build()).getBytes(StandardCharsets.UTF_8);
        if (line.length > AuditHead.MAX_LINE) {
            throw new AuditException(
                    "audit log " + file + ": a record of " + line.length + " bytes, limit " + AuditHead.MAX_LINE);
        }
        byte[] text = Arrays.copyOf(line, line.length + 1);
        text[line.length] = '\n';
        try {
            ByteBuffer buffer = ByteBuffer.wrap(text);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            if (synchronous) {
                channel.force(false);
            }
        } catch (IOException e) {
            broken = true;
            throw new AuditException("audit log " + file + ": cannot be written", e);
        }
        head = head.after(line);
    }

    /** Where the log ends now. */
    public synchronized AuditHead head() {
        return head;
    }

    @Override
    public void close() throws AuditException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.force(true);
            channel.close();
        } catch (IOException e) {
            throw new AuditException("audit log " + file + ": cannot be closed", e);
        }
    }
}
