package dev.bulla.attestation.protocol.eventlog;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.protocol.HashAlgorithm;
import java.util.Arrays;

/** Whatever a guest calls its event log, it is read or refused. */
class EventLogFuzzTest {
    @FuzzTest
    void log(byte[] input) {
        try {
            EventLog log = EventLogReader.read(input);
            for (EventLogEntry entry : log.entries()) {
                if (entry.type() == EventType.EV_EVENT_TAG.value()) {
                    TaggedEvent tagged = TaggedEvent.parse(entry.data());
                    if (!Arrays.equals(tagged.toBytes(), Arrays.copyOf(entry.data(), tagged.data().length + 8))) {
                        throw new IllegalStateException("a tagged event is written differently");
                    }
                }
            }
            EventLogReplay.of(log, HashAlgorithm.SHA384);
        } catch (EventLogException e) {
            // refused
        }
    }
}
