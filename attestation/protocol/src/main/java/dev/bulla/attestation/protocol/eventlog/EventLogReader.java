package dev.bulla.attestation.protocol.eventlog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads a crypto-agile event log: the header, which is an old-style entry {@link EventType#EV_NO_ACTION} with the structure
 * TCG_EfiSpecIdEvent; the entries; and the end, at least eight bytes and all that follow of 0xFF, or as some firmware leaves it
 * of 0x00.
 *
 * <p>The header's signature is {@code Spec ID Event03}, or sixteen zeros as the Attestation Agent writes it where firmware has
 * left no log.
 *
 * <p><b>Security.</b> Every length is checked before it is used. A log that stops before its end, has anything after it, an
 * algorithm that its header does not declare, or two digests of one algorithm in an entry is refused.
 */
public final class EventLogReader {
    /** How long a log may be. */
    public static final int MAX_BYTES = 2 << 20;

    /** How many entries a log may have. */
    public static final int MAX_ENTRIES = 16_384;

    /** How long the data of an entry may be. */
    public static final int MAX_DATA_BYTES = 256 << 10;

    private static final byte[] SIGNATURE = "Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII);
    private static final int SHA1_SIZE = 20;
    private static final int END_SIZE = 8;

    private final byte[] bytes;
    private final ByteBuffer in;

    private EventLogReader(byte[] bytes) {
        this.bytes = bytes;
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a whole log.
     *
     * @throws EventLogException when the bytes are not exactly one log within the limits
     */
    public static EventLog read(byte[] bytes) throws EventLogException {
        if (bytes.length > MAX_BYTES) {
            throw new EventLogException(bytes.length + " bytes, expected at most " + MAX_BYTES);
        }
        EventLogReader reader = new EventLogReader(bytes);
        Set<DigestAlgorithm> algorithms = reader.header();
        List<EventLogEntry> entries = new ArrayList<>();
        while (!reader.atEnd()) {
            if (entries.size() == MAX_ENTRIES) {
                throw new EventLogException("more than " + MAX_ENTRIES + " entries");
            }
            entries.add(reader.entry(algorithms));
        }
        return new EventLog(List.copyOf(algorithms), entries);
    }

    private Set<DigestAlgorithm> header() throws EventLogException {
        u32("the header's register"); // 0 or 1: firmware differs, and nothing is extended
        long type = u32("the header's type");
        if (type != EventType.EV_NO_ACTION.value()) {
            throw new EventLogException("the header has the type " + hex(type) + ", expected EV_NO_ACTION");
        }
        if (!isAll(take(SHA1_SIZE, "the header's digest"), 0)) {
            throw new EventLogException("the header's digest is not zero");
        }
        long size = u32("the header's length");
        int start = in.position();
        byte[] signature = take(SIGNATURE.length, "the header's signature");
        if (!Arrays.equals(signature, SIGNATURE) && !isAll(signature, 0)) {
            throw new EventLogException("the header's signature is not \"Spec ID Event03\"");
        }
        take(8, "the header's versions"); // platform class, version, errata, size of an integer
        long count = u32("the header's number of algorithms");
        Set<DigestAlgorithm> algorithms = EnumSet.noneOf(DigestAlgorithm.class);
        for (long i = 0; i < count; i++) {
            DigestAlgorithm algorithm = algorithm("the header");
            int digestSize = u16("the header's digest size");
            if (digestSize != algorithm.size()) {
                throw new EventLogException("the header declares " + algorithm.text() + " digests of " + digestSize
                        + " bytes, expected " + algorithm.size());
            }
            if (!algorithms.add(algorithm)) {
                throw new EventLogException("the header declares " + algorithm.text() + " twice");
            }
        }
        take(Byte.toUnsignedInt(take(1, "the header's vendor size")[0]), "the header's vendor data");
        if (in.position() - start != size) {
            throw new EventLogException("the header has " + (in.position() - start) + " bytes, but says " + size);
        }
        return algorithms;
    }

    /** Whether the end stands here; then nothing but its filler follows. */
    private boolean atEnd() throws EventLogException {
        if (in.remaining() < END_SIZE) {
            throw new EventLogException("truncated at " + in.position() + ", expected an entry or the end");
        }
        byte filler = bytes[in.position()];
        if (filler != 0 && filler != (byte) 0xff) {
            return false;
        }
        for (int i = in.position(); i < in.limit(); i++) {
            if (bytes[i] != filler) {
                if (i - in.position() < END_SIZE) {
                    return false;
                }
                throw new EventLogException("data at " + i + ", after the end at " + in.position());
            }
        }
        return true;
    }

    private EventLogEntry entry(Set<DigestAlgorithm> declared) throws EventLogException {
        String where = "the entry at " + in.position();
        long register = u32(where);
        long type = u32(where);
        long count = u32(where);
        Set<DigestAlgorithm> seen = EnumSet.noneOf(DigestAlgorithm.class);
        List<EventDigest> digests = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            DigestAlgorithm algorithm = algorithm(where);
            if (!declared.contains(algorithm)) {
                throw new EventLogException(
                        where + " has a " + algorithm.text() + " digest, which the header does not declare");
            }
            if (!seen.add(algorithm)) {
                throw new EventLogException(where + " has two " + algorithm.text() + " digests");
            }
            digests.add(new EventDigest(algorithm, take(algorithm.size(), where)));
        }
        long size = u32(where);
        if (size > MAX_DATA_BYTES) {
            throw new EventLogException(where + " has " + size + " bytes of data, expected at most " + MAX_DATA_BYTES);
        }
        return new EventLogEntry(register, type, digests, take((int) size, where));
    }

    private DigestAlgorithm algorithm(String where) throws EventLogException {
        int id = u16(where);
        return DigestAlgorithm.of(id)
                .orElseThrow(() -> new EventLogException(where + ": unknown hash algorithm " + hex(id)));
    }

    private long u32(String what) throws EventLogException {
        need(4, what);
        return Integer.toUnsignedLong(in.getInt());
    }

    private int u16(String what) throws EventLogException {
        need(2, what);
        return Short.toUnsignedInt(in.getShort());
    }

    private byte[] take(int count, String what) throws EventLogException {
        need(count, what);
        byte[] taken = new byte[count];
        in.get(taken);
        return taken;
    }

    private void need(int count, String what) throws EventLogException {
        if (in.remaining() < count) {
            throw new EventLogException(
                    "truncated in " + what + ": " + in.remaining() + " bytes left, expected " + count);
        }
    }

    private static boolean isAll(byte[] bytes, int value) {
        for (byte b : bytes) {
            if (b != value) {
                return false;
            }
        }
        return true;
    }

    private static String hex(long value) {
        return String.format(Locale.ROOT, "0x%x", value);
    }
}
