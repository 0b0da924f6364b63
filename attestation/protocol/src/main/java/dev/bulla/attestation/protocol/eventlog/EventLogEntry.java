package dev.bulla.attestation.protocol.eventlog;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * One entry of an event log: TCG_PCR_EVENT2, CC_EVENT.
 *
 * @param register the register that the event extended: a PCR, or in a confidential VM a CCMR (of TDX, 0 is MRTD and 1 to 4 are
 *     RTMR0 to RTMR3); 32 bits
 * @param type the event's type, see {@link EventType}; 32 bits
 * @param digests what was extended, at most one of each algorithm
 * @param data the event's data
 */
@SuppressWarnings("ArrayRecordComponent") // hashed and shown; never compared
public record EventLogEntry(long register, long type, List<EventDigest> digests, byte[] data) {
    private static final long MAX_U32 = 0xffff_ffffL;

    public EventLogEntry {
        if (register < 0 || register > MAX_U32 || type < 0 || type > MAX_U32) {
            throw new IllegalArgumentException("register " + register + ", type " + type + ": expected 32 bits");
        }
        digests = List.copyOf(digests);
        requireNonNull(data, "data is null");
        if (digests.stream().map(EventDigest::algorithm).distinct().count() != digests.size()) {
            throw new IllegalArgumentException("two digests of one algorithm");
        }
    }

    /** The digest by that algorithm, if there is one. */
    public Optional<EventDigest> digest(DigestAlgorithm algorithm) {
        return digests.stream().filter(d -> d.algorithm() == algorithm).findFirst();
    }

    /** Whether this is an event that extends nothing: informational entries do not. */
    public boolean isInformational() {
        return type == EventType.EV_NO_ACTION.value();
    }

    /** The entry as it stands in a log. */
    public byte[] toBytes() {
        int size = 16 + data.length;
        for (EventDigest digest : digests) {
            size += 2 + digest.bytes().length;
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt((int) register).putInt((int) type).putInt(digests.size());
        for (EventDigest digest : digests) {
            out.putShort((short) digest.algorithm().id()).put(digest.bytes());
        }
        return out.putInt(data.length).put(data).array();
    }
}
