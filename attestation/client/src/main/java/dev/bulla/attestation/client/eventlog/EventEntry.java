package dev.bulla.attestation.client.eventlog;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.eventlog.DigestAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventDigest;
import dev.bulla.attestation.protocol.eventlog.EventLogEntry;
import dev.bulla.attestation.protocol.eventlog.EventType;
import dev.bulla.attestation.protocol.eventlog.TaggedEvent;
import dev.bulla.oci.Quoted;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One entry of the log, a {@code TCG_PCR_EVENT2} of one digest: register, type {@code EV_EVENT_TAG}, the digest over the
 * event's bytes, and the event's bytes; numbers are little endian.
 *
 * @param register the number that is logged
 * @param digest by which the register was extended
 * @param event the event
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
record EventEntry(int register, byte[] digest, AaelEvent event) {
    /** The entry of an event. */
    static EventEntry of(AaelEvent event, int register, HashAlgorithm algorithm) {
        return new EventEntry(register, algorithm.digest(event.taggedEvent()), event);
    }

    /** How many bytes a digest has. */
    static int length(HashAlgorithm algorithm) {
        return DigestAlgorithm.of(algorithm).size();
    }

    /** The entry as it stands in the log. */
    byte[] bytes(HashAlgorithm algorithm) {
        return new EventLogEntry(
                        register,
                        EventType.EV_EVENT_TAG.value(),
                        List.of(new EventDigest(DigestAlgorithm.of(algorithm), digest)),
                        event.taggedEvent())
                .toBytes();
    }

    /**
     * Reads a whole log of this algorithm.
     *
     * @throws EventLogException when it has anything but such entries, or an entry whose digest is not its event's
     */
    static List<EventEntry> parse(byte[] log, HashAlgorithm algorithm) throws EventLogException {
        ByteBuffer in = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
        List<EventEntry> entries = new ArrayList<>();
        while (in.hasRemaining()) {
            int start = in.position();
            try {
                entries.add(read(in, algorithm));
            } catch (BufferUnderflowException e) {
                throw refused(start, "it ends within the entry", e);
            } catch (CharacterCodingException e) {
                throw refused(start, "its event is not UTF-8", e);
            } catch (EventLogException e) {
                throw refused(start, e.getMessage(), e);
            }
        }
        return entries;
    }

    private static EventEntry read(ByteBuffer in, HashAlgorithm algorithm)
            throws EventLogException, CharacterCodingException {
        int register = in.getInt();
        if (register < 0 || register > RegisterMapping.MAX_PCR) {
            throw new EventLogException("register " + Integer.toUnsignedString(register));
        }
        require("event type", in.getInt(), (int) EventType.EV_EVENT_TAG.value());
        require("number of digests", in.getInt(), 1);
        require("digest algorithm", in.getShort(), DigestAlgorithm.of(algorithm).id());
        byte[] digest = new byte[length(algorithm)];
        in.get(digest);
        int size = in.getInt();
        int header = 2 * Integer.BYTES;
        if (size < header || size > header + AaelEvent.MAX_LENGTH) {
            throw new EventLogException("an event of " + Integer.toUnsignedString(size) + " bytes");
        }
        require("event tag", in.getInt(), (int) TaggedEvent.AAEL);
        require("length of the event's text", in.getInt(), size - header);
        byte[] text = new byte[size - header];
        in.get(text);
        AaelEvent event = AaelEvent.parse(StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(text))
                .toString());
        EventEntry entry = of(event, register, algorithm);
        if (!Arrays.equals(entry.digest, digest)) {
            throw new EventLogException("the digest is not that of the event " + Quoted.text(event.text()));
        }
        return entry;
    }

    private static void require(String what, int got, int expected) throws EventLogException {
        if (got != expected) {
            throw new EventLogException(
                    what + " 0x" + Integer.toHexString(got) + ", expected 0x" + Integer.toHexString(expected));
        }
    }

    private static EventLogException refused(int at, String problem, Throwable cause) {
        return new EventLogException("event log: entry at byte " + at + ": " + problem, cause);
    }
}
