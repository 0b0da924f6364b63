package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.protocol.eventlog.EventLogReader;
import dev.bulla.linux.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The event log that goes with a quote: the firmware's (CCEL, ACPI 6.5, 5.2.34) and behind it our own (AAEL).
 *
 * <p>The firmware's table is longer than its log, filled up with 0xFF or zeros; only the log goes out. Where the firmware
 * has none, ours begins with a header of its own. The end is eight bytes of 0xFF, as guest-components writes it.
 *
 * @param ccel the firmware's table
 * @param aael our own log: TCG events without a header
 */
record CcEventLog(Path ccel, Path aael) {
    /** The most bytes of the whole log, and so of either: what a verifier reads. */
    static final int MAX_LENGTH = EventLogReader.MAX_BYTES;

    private static final int EV_NO_ACTION = 3;
    private static final int SHA1_LENGTH = 20;
    private static final int EVENT1_HEADER = 4 + 4 + SHA1_LENGTH + 4;
    private static final int MAX_DIGESTS = 16;
    private static final int END_LENGTH = 8;

    /** A TCG_PCR_EVENT of EV_NO_ACTION: the digests are SHA-384 of 48 bytes or SM3 of 32. */
    private static final byte[] HEADER = HexFormat.of()
            .parseHex("00000000" + "03000000" + "00".repeat(SHA1_LENGTH) + "25000000" + "00".repeat(24) + "02000000"
                    + "0c003000" + "12002000" + "00");

    CcEventLog {
        requireNonNull(ccel, "ccel is null");
        requireNonNull(aael, "aael is null");
    }

    /** The whole log, if there is any. */
    Optional<byte[]> read() throws EvidenceUnavailableException {
        Optional<byte[]> firmware = read(ccel);
        Optional<byte[]> own = read(aael);
        if (firmware.isEmpty() && own.isEmpty()) {
            return Optional.empty();
        }
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes(firmware.isPresent() ? trim(firmware.get()) : HEADER);
        own.ifPresent(log::writeBytes);
        byte[] end = new byte[END_LENGTH];
        Arrays.fill(end, (byte) 0xFF);
        log.writeBytes(end);
        if (log.size() > MAX_LENGTH) {
            throw new EvidenceUnavailableException(
                    "event log: " + log.size() + " bytes with the firmware's, limit " + MAX_LENGTH);
        }
        return Optional.of(log.toByteArray());
    }

    private static Optional<byte[]> read(Path path) throws EvidenceUnavailableException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        try (OpenFile file = OpenFile.read(path)) {
            return Optional.of(file.readAll(MAX_LENGTH));
        } catch (IOException e) {
            throw new EvidenceUnavailableException("event log: " + e.getMessage(), e);
        }
    }

    /**
     * The events of a table without what fills it up.
     *
     * @throws EvidenceUnavailableException when it is no log
     */
    static byte[] trim(byte[] table) throws EvidenceUnavailableException {
        ByteBuffer in = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        if (table.length < EVENT1_HEADER || in.getInt(4) != EV_NO_ACTION) {
            throw refuse(0, "expected a header of EV_NO_ACTION");
        }
        in.position(EVENT1_HEADER - 4);
        skip(in, length(in));
        while (!atFiller(in)) {
            skip(in, 8);
            int digests = length(in);
            if (digests > MAX_DIGESTS) {
                throw refuse(in.position(), digests + " digests, expected at most " + MAX_DIGESTS);
            }
            for (int i = 0; i < digests; i++) {
                skip(in, digestLength(in));
            }
            skip(in, length(in));
        }
        return Arrays.copyOf(table, in.position());
    }

    /** Whether eight bytes, or as many as are left, are all 0xFF or all zero. */
    private static boolean atFiller(ByteBuffer in) {
        int length = Math.min(END_LENGTH, in.remaining());
        if (length == 0) {
            return true;
        }
        byte first = in.get(in.position());
        if (first != 0 && first != (byte) 0xFF) {
            return false;
        }
        for (int i = 1; i < length; i++) {
            if (in.get(in.position() + i) != first) {
                return false;
            }
        }
        return true;
    }

    private static int digestLength(ByteBuffer in) throws EvidenceUnavailableException {
        require(in, 2);
        int algorithm = Short.toUnsignedInt(in.getShort());
        return switch (algorithm) {
            case 0x4 -> SHA1_LENGTH;
            case 0xB, 0x12 -> 32;
            case 0xC -> 48;
            case 0xD -> 64;
            default -> throw refuse(in.position() - 2, "unknown digest algorithm " + algorithm);
        };
    }

    private static int length(ByteBuffer in) throws EvidenceUnavailableException {
        require(in, 4);
        int length = in.getInt();
        if (length < 0) {
            throw refuse(in.position() - 4, "length " + Integer.toUnsignedString(length) + " is beyond its end");
        }
        return length;
    }

    private static void skip(ByteBuffer in, int length) throws EvidenceUnavailableException {
        require(in, length);
        in.position(in.position() + length);
    }

    private static void require(ByteBuffer in, int length) throws EvidenceUnavailableException {
        if (length > in.remaining()) {
            throw refuse(in.position(), length + " bytes are missing");
        }
    }

    private static EvidenceUnavailableException refuse(int position, String problem) {
        return new EvidenceUnavailableException("event log, CCEL at byte " + position + ": " + problem);
    }
}
