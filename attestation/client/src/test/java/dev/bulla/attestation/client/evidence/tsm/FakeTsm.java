package dev.bulla.attestation.client.evidence.tsm;

import dev.bulla.linux.Errno;
import dev.bulla.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Behaves as drivers/virt/coco/guest/report.c: every write counts, a report is made when it is first read after a write, a
 * blob is taken on closing and its refusal is told nobody.
 */
public final class FakeTsm implements TsmReportFiles {
    /** The generation may not lap the last one that was read: in the kernel after 2^64 writes, here when it can be tried. */
    private static final int LAP = 4;

    private static final int INBLOB_MAX = 64;

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<String> created = new ArrayList<>();

    /** Who provides reports; null for nobody. */
    public @Nullable String provider = TsmProvider.TDX.kernelName();

    /** The least privilege level; negative where there are none. */
    public int floor = -1;

    /** Makes the report of an inblob. */
    public UnaryOperator<byte[]> report = inblob -> inblob;

    /** What the host gives beside it; null where the kernel has no such attribute. */
    public byte @Nullable [] aux = new byte[0];

    /** Called before each read, to meddle. */
    public BiConsumer<String, TsmAttribute> beforeRead = (entry, attribute) -> {};

    /** How many reads of a report are answered by EAGAIN. */
    public int busyReads;

    /** How many names are taken already. */
    public int takenNames;

    /** Whether removing fails. */
    public boolean stuck;

    private static final class Entry {
        private long written;
        private long read;
        private String level = "0";
        private byte[] inblob = new byte[0];
        private byte @Nullable [] outblob;
    }

    public List<String> created() {
        return List.copyOf(created);
    }

    public Set<String> left() {
        return entries.keySet();
    }

    /** The level that was asked for in the entry. */
    public String level(String entry) {
        return entry(entry).level;
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new AssertionError(name + " is not there");
        }
        return entry;
    }

    @Override
    public boolean present() {
        return true;
    }

    @Override
    public void create(String name) throws IOException {
        if (provider == null) {
            throw new LinuxException("mkdir", name, Errno.ENXIO.number());
        }
        created.add(name);
        if (takenNames-- > 0 || entries.putIfAbsent(name, new Entry()) != null) {
            throw new FileAlreadyExistsException(name);
        }
    }

    @Override
    public byte[] read(String name, TsmAttribute attribute, int most) throws IOException {
        beforeRead.accept(name, attribute);
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new LinuxException("openat", name, Errno.ENOENT.number());
        }
        byte[] value = switch (attribute) {
            case PROVIDER -> line(String.valueOf(provider));
            case GENERATION -> line(Long.toString(entry.written));
            case PRIVLEVEL_FLOOR -> {
                if (floor < 0) {
                    throw new LinuxException("openat", name, Errno.ENOENT.number());
                }
                yield line(Integer.toString(floor));
            }
            case OUTBLOB -> outblob(name, entry);
            case AUXBLOB -> {
                byte[] kept = aux;
                if (kept == null) {
                    throw new LinuxException("openat", name, Errno.ENOENT.number());
                }
                outblob(name, entry);
                yield kept.clone();
            }
            case INBLOB, PRIVLEVEL -> throw new LinuxException("openat", name, Errno.EACCES.number());
        };
        if (value.length > most) {
            throw new LinuxException("read", name, Errno.EFBIG.number());
        }
        return value;
    }

    private byte[] outblob(String name, Entry entry) throws LinuxException {
        if (entry.inblob.length == 0) {
            throw new LinuxException("read", name, Errno.EINVAL.number());
        }
        if (busyReads > 0) {
            busyReads--;
            throw new LinuxException("read", name, Errno.EAGAIN.number());
        }
        byte[] out = entry.outblob;
        if (out == null || entry.read != entry.written) {
            out = report.apply(entry.inblob.clone());
            entry.outblob = out;
            entry.read = entry.written;
        }
        return out.clone();
    }

    @Override
    public void write(String name, TsmAttribute attribute, byte[] value) throws IOException {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new NoSuchFileException(name);
        }
        boolean lapped = entry.written - entry.read == LAP - 1;
        switch (attribute) {
            case PRIVLEVEL -> {
                int level = Integer.parseInt(new String(value, StandardCharsets.US_ASCII));
                if (floor < 0) {
                    throw new NoSuchFileException(name);
                }
                if (level < floor || level > 3) {
                    throw new LinuxException("write", name, Errno.EINVAL.number());
                }
                if (lapped) {
                    throw new LinuxException("write", name, Errno.EBUSY.number());
                }
                entry.level = Integer.toString(level);
                entry.written++;
            }
            case INBLOB -> {
                if (value.length > INBLOB_MAX) {
                    throw new LinuxException("write", name, Errno.EFBIG.number());
                }
                if (!lapped) { // else EBUSY, on closing: told nobody
                    entry.inblob = value.clone();
                    entry.written++;
                }
            }
            default -> throw new LinuxException("openat", name, Errno.EACCES.number());
        }
    }

    @Override
    public void remove(String name) throws IOException {
        if (stuck) {
            throw new LinuxException("rmdir", name, Errno.EBUSY.number());
        }
        if (entries.remove(name) == null) {
            throw new NoSuchFileException(name);
        }
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
