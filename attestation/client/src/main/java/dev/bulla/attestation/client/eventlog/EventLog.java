package dev.bulla.attestation.client.eventlog;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventLogReplay;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to a log in a file and extends registers by them, so that both always agree.
 *
 * <p>The file is the Attestation Agent's: entries without a header. Before an entry is measured and written, the file
 * {@code .wal_event_entry} beside it says what is about to happen, in the Agent's own format; opening the log finishes
 * what a crash interrupted. That format has no room for the register, which the Agent therefore forgets; ours is in the
 * file's name, {@code .wal_event_entry.N} for PCR N, unless it is the log's own. The register in an entry is that of the PCR
 * that was asked for.
 *
 * <p>One writer: a lock on {@code <file>.lock} is held until {@link #close}; others wait for it. Safe for several threads.
 *
 * <p><b>Security.</b> An event counts only when {@link #record} returns. After a failure nothing more is taken until the log is
 * opened again, since it is not known what the register holds. A log that does not end where an entry ends, or a register
 * that is neither what it was before the interrupted entry nor what it should be after it, is refused.
 */
public final class EventLog implements RuntimeMeasurement, AutoCloseable {
    /** Where the Attestation Agent keeps its log. */
    public static final Path DEFAULT_FILE = Path.of("/run/attestation-agent/eventlog");

    /** The PCR of events that ask for none. */
    public static final int DEFAULT_PCR = 17;

    /** The longest log in bytes: with a firmware's before it, it is still one that a verifier reads. */
    public static final int MAX_LENGTH = 1024 * 1024;

    private static final String WRITE_AHEAD = ".wal_event_entry";

    /** What a crash may come before; tests make one. */
    enum Step {
        ANNOUNCE,
        EXTEND,
        WRITE,
        FORGET,
        DONE
    }

    /** Told of each step before it is taken. */
    @FunctionalInterface
    interface Steps {
        void before(Step step);
    }

    /** Which registers a log of these entries goes with. */
    private interface RegisterSource {
        MeasurementRegisters of(List<EventEntry> entries);
    }

    private final Path file;
    private final int defaultPcr;
    private final Steps steps;
    private final MeasurementRegisters registers;
    private final FileChannel lockFile;
    private final FileChannel log;
    private boolean usable = true;

    private EventLog(
            Path file,
            int defaultPcr,
            Steps steps,
            MeasurementRegisters registers,
            FileChannel lockFile,
            FileChannel log) {
        this.file = file;
        this.defaultPcr = defaultPcr;
        this.steps = steps;
        this.registers = registers;
        this.lockFile = lockFile;
        this.log = log;
    }

    /**
     * Opens a log, and makes it where it is not.
     *
     * @param file the log; its folder is made too
     * @param defaultPcr the PCR of events that ask for none, from 0 to 23
     * @param registers the TEE's
     * @throws EventLogException when it cannot be opened, or what a writer left unfinished does not agree with the register
     */
    public static EventLog open(Path file, int defaultPcr, MeasurementRegisters registers) throws EventLogException {
        return open(file, defaultPcr, registers, step -> {});
    }

    static EventLog open(Path file, int defaultPcr, MeasurementRegisters registers, Steps steps)
            throws EventLogException {
        requireNonNull(registers, "registers is null");
        return open(file, defaultPcr, registers.algorithm(), entries -> registers, steps);
    }

    /**
     * Opens a log whose registers are simulated: they begin as the log's entries leave them.
     *
     * <p><b>Security.</b> Such a log proves nothing.
     *
     * @throws EventLogException when it cannot be opened, or is malformed
     */
    public static EventLog openSimulated(Path file, int defaultPcr) throws EventLogException {
        return openSimulated(file, defaultPcr, step -> {});
    }

    static EventLog openSimulated(Path file, int defaultPcr, Steps steps) throws EventLogException {
        HashAlgorithm algorithm = HashAlgorithm.SHA384;
        return open(
                file,
                defaultPcr,
                algorithm,
                entries -> {
                    SimulatedRegisters registers = new SimulatedRegisters(algorithm, RegisterMapping.TDX);
                    entries.forEach(entry -> registers.extendLogged(entry.register(), entry.digest()));
                    return registers;
                },
                steps);
    }

    private static EventLog open(Path file, int defaultPcr, HashAlgorithm algorithm, RegisterSource source, Steps steps)
            throws EventLogException {
        requirePcr(defaultPcr);
        Path absolute = file.toAbsolutePath();
        FileChannel lockFile = null;
        FileChannel log = null;
        boolean opened = false;
        try {
            Files.createDirectories(requireNonNull(absolute.getParent(), "the log is a root folder"));
            lockFile = lock(absolute);
            log = FileChannel.open(
                    absolute,
                    Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            EventLog result = recover(absolute, defaultPcr, algorithm, source, steps, lockFile, log);
            opened = true;
            return result;
        } catch (EventLogException e) {
            throw e;
        } catch (IOException e) {
            throw failed(absolute, e);
        } finally {
            if (!opened) {
                closeQuietly(log);
                closeQuietly(lockFile);
            }
        }
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file.resolveSibling(file.getFileName() + ".lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            FileLock held = channel.lock();
            if (!held.isValid()) {
                throw new EventLogException("event log " + file + ": its lock was not to be had");
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new EventLogException("event log " + file + ": this process has it open already", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static EventLog recover(
            Path file,
            int defaultPcr,
            HashAlgorithm algorithm,
            RegisterSource source,
            Steps steps,
            FileChannel lockFile,
            FileChannel log)
            throws IOException {
        byte[] content = readLog(file, log);
        // A crash before the announcement was in place: nothing had happened yet.
        Files.deleteIfExists(unfinished(file));
        List<Integer> announced = announced(file, defaultPcr);
        if (announced.isEmpty()) {
            List<EventEntry> entries = EventEntry.parse(content, algorithm);
            return new EventLog(file, defaultPcr, steps, source.of(entries), lockFile, log);
        }
        if (announced.size() > 1) {
            throw new EventLogException(
                    "event log " + file + ": write-ahead entries for PCRs " + announced + ", expected one at most");
        }
        int pcr = announced.getFirst();
        PendingEntry pending =
                PendingEntry.parse(readAnnouncement(writeAhead(file, pcr, defaultPcr)), EventEntry.length(algorithm));
        if (pending.offset() < 0 || pending.offset() > content.length) {
            throw new EventLogException("event log " + file + ": it ends at byte " + content.length
                    + ", before the interrupted entry's beginning at " + pending.offset());
        }
        int offset = (int) pending.offset();
        List<EventEntry> before = EventEntry.parse(Arrays.copyOf(content, offset), algorithm);
        EventLog result = new EventLog(file, defaultPcr, steps, source.of(before), lockFile, log);
        result.finish(pending, pcr, Arrays.copyOfRange(content, offset, content.length));
        return result;
    }

    private void finish(PendingEntry pending, int pcr, byte[] written) throws IOException {
        EventEntry entry = entry(pending.event(), pcr);
        byte[] bytes = entry.bytes(registers.algorithm());
        if (written.length > bytes.length || !Arrays.equals(written, Arrays.copyOf(bytes, written.length))) {
            throw new EventLogException("event log " + file + ": behind byte " + pending.offset()
                    + " stands something else than the interrupted entry");
        }
        byte[] value = read(pcr);
        if (!Arrays.equals(value, pending.expected())) {
            if (!Arrays.equals(extended(value, entry), pending.expected())) {
                throw new EventLogException("event log " + file + ": register " + entry.register()
                        + " is neither what it was before the interrupted entry nor what it should be after it");
            }
            steps.before(Step.EXTEND);
            registers.extend(pcr, entry.digest());
        }
        complete(bytes, pending.offset(), pcr);
    }

    /** The registers that the log goes with. */
    public MeasurementRegisters registers() {
        return registers;
    }

    /** The log's file. */
    public Path file() {
        return file;
    }

    @Override
    public synchronized Result record(AaelEvent event, OptionalInt pcr) throws EventLogException {
        if (!usable) {
            throw new EventLogException("event log " + file + ": an entry failed before; open it again");
        }
        int asked = pcr.orElse(defaultPcr);
        requirePcr(asked);
        try {
            EventEntry entry = entry(event, asked);
            byte[] bytes = entry.bytes(registers.algorithm());
            long offset = log.size();
            if (offset + bytes.length > MAX_LENGTH) {
                throw new EventLogException(
                        "event log " + file + ": " + (offset + bytes.length) + " bytes, limit " + MAX_LENGTH);
            }
            byte[] expected = extended(read(asked), entry);
            usable = false;
            announce(new PendingEntry(offset, expected, event), asked);
            steps.before(Step.EXTEND);
            registers.extend(asked, entry.digest());
            complete(bytes, offset, asked);
            usable = true;
            return Result.OK;
        } catch (EventLogException e) {
            throw e;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static void requirePcr(int pcr) throws EventLogException {
        if (pcr < 0 || pcr > RegisterMapping.MAX_PCR) {
            throw new EventLogException("event log: PCR " + pcr + ", expected 0 to " + RegisterMapping.MAX_PCR);
        }
    }

    private EventEntry entry(AaelEvent event, int pcr) throws IOException {
        return EventEntry.of(event, registers.logIndex(pcr), registers.algorithm());
    }

    private byte[] read(int pcr) throws IOException {
        byte[] value = registers.read(pcr);
        int length = EventEntry.length(registers.algorithm());
        if (value.length != length) {
            throw new EventLogException(
                    "event log: PCR " + pcr + ": got " + value.length + " bytes, expected " + length);
        }
        return value;
    }

    private byte[] extended(byte[] value, EventEntry entry) {
        return EventLogReplay.extend(registers.algorithm(), value, entry.digest());
    }

    private void announce(PendingEntry pending, int pcr) throws IOException {
        steps.before(Step.ANNOUNCE);
        Path unfinished = unfinished(file);
        try (FileChannel out = FileChannel.open(
                unfinished,
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(out, pending.bytes());
            out.force(true);
        }
        Files.move(unfinished, writeAhead(file, pcr, defaultPcr), StandardCopyOption.ATOMIC_MOVE);
        syncFolder();
    }

    /** Writes the entry, over what may stand there of it already, and takes its announcement back. */
    private void complete(byte[] bytes, long offset, int pcr) throws IOException {
        steps.before(Step.WRITE);
        log.truncate(offset);
        log.position(offset);
        writeFully(log, bytes);
        log.force(true);
        steps.before(Step.FORGET);
        Files.delete(writeAhead(file, pcr, defaultPcr));
        syncFolder();
        steps.before(Step.DONE);
    }

    private void syncFolder() throws IOException {
        try (FileChannel folder = FileChannel.open(requireNonNull(file.getParent()), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static void writeFully(FileChannel out, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            out.write(rest);
        }
    }

    private static byte[] readLog(Path file, FileChannel log) throws IOException {
        long size = log.size();
        if (size > MAX_LENGTH) {
            throw new EventLogException("event log " + file + ": " + size + " bytes, limit " + MAX_LENGTH);
        }
        ByteBuffer content = ByteBuffer.allocate((int) size);
        while (content.hasRemaining() && log.read(content, content.position()) >= 0) {
            // until it is read whole
        }
        return Arrays.copyOf(content.array(), content.position());
    }

    private static byte[] readAnnouncement(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(PendingEntry.MAX_LENGTH + 1);
        }
    }

    /** The PCRs for which there is a write-ahead entry. */
    private static List<Integer> announced(Path file, int defaultPcr) {
        List<Integer> pcrs = new ArrayList<>();
        for (int pcr = 0; pcr <= RegisterMapping.MAX_PCR; pcr++) {
            if (Files.exists(writeAhead(file, pcr, defaultPcr), LinkOption.NOFOLLOW_LINKS)) {
                pcrs.add(pcr);
            }
        }
        return pcrs;
    }

    private static Path writeAhead(Path file, int pcr, int defaultPcr) {
        return file.resolveSibling(pcr == defaultPcr ? WRITE_AHEAD : WRITE_AHEAD + "." + pcr);
    }

    private static Path unfinished(Path file) {
        return file.resolveSibling(WRITE_AHEAD + ".tmp");
    }

    private static EventLogException failed(Path file, IOException e) {
        String reason = e instanceof NoSuchFileException ? "there is no such file" : String.valueOf(e.getMessage());
        return new EventLogException("event log " + file + ": " + reason, e);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // What matters is on the disk already, or the refusal that is under way says more.
                return;
            }
        }
    }

    /** Gives the log free for another writer. */
    @Override
    public synchronized void close() {
        usable = false;
        closeQuietly(log);
        closeQuietly(lockFile);
    }
}
