package dev.bulla.attestation.protocol.eventlog;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes event logs for tests. */
final class EventLogs {
    private EventLogs() {}

    static byte[] header(DigestAlgorithm... algorithms) {
        ByteBuffer out = ByteBuffer.allocate(32 + 29 + 4 * algorithms.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0).putInt(3).put(new byte[20]).putInt(29 + 4 * algorithms.length);
        out.put("Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII)).put(new byte[8]);
        out.putInt(algorithms.length);
        for (DigestAlgorithm algorithm : algorithms) {
            out.putShort((short) algorithm.id()).putShort((short) algorithm.size());
        }
        return out.put((byte) 0).array();
    }

    static byte[] log(byte[] header, List<EventLogEntry> entries, int filler) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header);
        entries.forEach(entry -> out.writeBytes(entry.toBytes()));
        for (int i = 0; i < 8; i++) {
            out.write(filler);
        }
        return out.toByteArray();
    }

    static EventLogEntry measured(long register, EventType type, byte[] data) {
        return new EventLogEntry(
                register,
                type.value(),
                List.of(new EventDigest(DigestAlgorithm.SHA384, HashAlgorithm.SHA384.digest(data))),
                data);
    }
}
