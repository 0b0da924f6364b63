package dev.bulla.attestation.protocol.eventlog;

import java.util.List;

/**
 * An event log.
 *
 * @param algorithms the hashes that its header declares
 * @param entries its entries, without the header, in order
 */
public record EventLog(List<DigestAlgorithm> algorithms, List<EventLogEntry> entries) {
    public EventLog {
        algorithms = List.copyOf(algorithms);
        entries = List.copyOf(entries);
    }
}
