package dev.bulla.attestation.client.eventlog;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * The log that goes with evidence: the firmware's (the ACPI table CCEL) without what fills its area, then our own entries,
 * and eight bytes {@code ff}.
 *
 * <p>Where the firmware has none, an entry {@code EV_NO_ACTION} stands before ours, which says the lengths of SHA-384 and
 * SM3 digests, as the Attestation Agent writes it.
 */
public final class CcEventLog {
    /** The longest firmware log in bytes. */
    public static final int MAX_CCEL = 4 * 1024 * 1024;

    private static final int END_LENGTH = 8;
    private static final int EV_NO_ACTION = 3;
    private static final int SHA1_LENGTH = 20;

    private CcEventLog() {}

    /**
     * Puts a log together.
     *
     * @param ccel the firmware's log, as the kernel shows it
     * @param aael our own, the file of an {@link EventLog}
     * @return the log; empty when there is neither
     * @throws EventLogException when the firmware's is malformed or too long
     */
    public static Optional<byte[]> of(Optional<byte[]> ccel, Optional<byte[]> aael) throws EventLogException {
        if (ccel.isEmpty() && aael.isEmpty()) {
            return Optional.empty();
        }
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes(ccel.isPresent() ? entriesOf(ccel.get()) : header());
        aael.ifPresent(log::writeBytes);
        byte[] end = new byte[END_LENGTH];
        Arrays.fill(end, (byte) 0xff);
        log.writeBytes(end);
        return Optional.of(log.toByteArray());
    }

    private static byte[] header() {
        int specLength = 37;
        return ByteBuffer.allocate(3 * Integer.BYTES + SHA1_LENGTH + specLength)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .putInt(EV_NO_ACTION)
                .put(new byte[SHA1_LENGTH])
                .putInt(specLength)
                .put(new byte[16 + 4 + 4]) // signature, platform class, version
                .putInt(2)
                .putShort((short) 0x0c)
                .putShort((short) 48)
                .putShort((short) 0x12)
                .putShort((short) 32)
                .put((byte) 0) // vendor information
                .array();
    }

    /** The entries, up to where only ones or only zeros stand. */
    private static byte[] entriesOf(byte[] ccel) throws EventLogException {
        if (ccel.length > MAX_CCEL) {
            throw new EventLogException("CCEL: " + ccel.length + " bytes, limit " + MAX_CCEL);
        }
        ByteBuffer in = ByteBuffer.wrap(ccel).order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (in.getInt(Integer.BYTES) == EV_NO_ACTION) {
                in.position(2 * Integer.BYTES + SHA1_LENGTH);
                skip(in, in.getInt());
            }
            for (long next = in.getLong(in.position()); next != 0 && next != -1; next = in.getLong(in.position())) {
                skip(in, 2 * Integer.BYTES);
                int digests = in.getInt();
                for (int i = 0; i != digests; i++) {
                    short algorithm = in.getShort();
                    switch (algorithm) {
                        case 0x04 -> skip(in, SHA1_LENGTH);
                        case 0x0b, 0x12 -> skip(in, 32);
                        case 0x0c -> skip(in, 48);
                        case 0x0d -> skip(in, 64);
                        default ->
                            throw new EventLogException(
                                    "CCEL: a digest of algorithm 0x" + Integer.toHexString(algorithm & 0xffff));
                    }
                }
                skip(in, in.getInt());
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new EventLogException("CCEL: it ends without an end", e);
        }
        return Arrays.copyOf(ccel, in.position());
    }

    private static void skip(ByteBuffer in, int bytes) throws EventLogException {
        if (bytes < 0 || bytes > in.remaining()) {
            throw new EventLogException("CCEL: " + Integer.toUnsignedString(bytes) + " bytes from byte " + in.position()
                    + " on, of " + in.limit());
        }
        in.position(in.position() + bytes);
    }
}
