package dev.bulla.attestation.protocol.eventlog;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The data of an {@link EventType#EV_EVENT_TAG} entry: TCG_PCClientTaggedEvent.
 *
 * <p>The Attestation Agent's entries have the tag {@link #AAEL} and the text {@code Domain Operation Content}, and their digest
 * is the hash of the whole tagged event.
 *
 * @param id the tag, 32 bits
 * @param data the tagged data
 */
@SuppressWarnings("ArrayRecordComponent") // hashed and shown; never compared
public record TaggedEvent(long id, byte[] data) {
    /** The tag of the Attestation Agent's event log. */
    public static final long AAEL = 0x4141_454cL;

    private static final int HEADER = 8;

    public TaggedEvent {
        if (id < 0 || id > 0xffff_ffffL) {
            throw new IllegalArgumentException("tag " + id + ": expected 32 bits");
        }
        requireNonNull(data, "data is null");
    }

    /**
     * Reads a tagged event. What follows it in the entry is left alone: firmware pads.
     *
     * @throws EventLogException when the bytes are too short
     */
    public static TaggedEvent parse(byte[] bytes) throws EventLogException {
        if (bytes.length < HEADER) {
            throw new EventLogException("tagged event of " + bytes.length + " bytes, expected at least " + HEADER);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long id = Integer.toUnsignedLong(in.getInt());
        long size = Integer.toUnsignedLong(in.getInt());
        if (size > in.remaining()) {
            throw new EventLogException("tagged event: " + in.remaining() + " bytes of data, expected " + size);
        }
        return new TaggedEvent(id, Arrays.copyOfRange(bytes, HEADER, HEADER + (int) size));
    }

    /** The bytes of the tagged event. */
    public byte[] toBytes() {
        return ByteBuffer.allocate(HEADER + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) id)
                .putInt(data.length)
                .put(data)
                .array();
    }
}
