package dev.bulla.attestation.client.eventlog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * What the write-ahead file holds of an entry while it is written and measured: where in the log it begins, 8 bytes, big
 * endian; what the register holds afterwards; and the event's text.
 *
 * @param offset where the entry begins in the log
 * @param expected the register's value once it is extended
 * @param event the event
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
record PendingEntry(long offset, byte[] expected, AaelEvent event) {

    /** The longest file. */
    static final int MAX_LENGTH = Long.BYTES + 64 + AaelEvent.MAX_LENGTH;

    byte[] bytes() {
        byte[] text = event.text().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + expected.length + text.length)
                .putLong(offset)
                .put(expected)
                .put(text)
                .array();
    }

    /**
     * Reads the file.
     *
     * @param digestLength how many bytes the register has
     */
    static PendingEntry parse(byte[] bytes, int digestLength) throws EventLogException {
        if (bytes.length > MAX_LENGTH || bytes.length < Long.BYTES + digestLength) {
            throw new EventLogException("event log: a write-ahead entry of " + bytes.length + " bytes, expected "
                    + (Long.BYTES + digestLength) + " to " + MAX_LENGTH);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long offset = in.getLong();
        byte[] expected = new byte[digestLength];
        in.get(expected);
        try {
            return new PendingEntry(
                    offset,
                    expected,
                    AaelEvent.parse(
                            StandardCharsets.UTF_8.newDecoder().decode(in).toString()));
        } catch (CharacterCodingException e) {
            throw new EventLogException("event log: the write-ahead entry's event is not UTF-8", e);
        }
    }
}
