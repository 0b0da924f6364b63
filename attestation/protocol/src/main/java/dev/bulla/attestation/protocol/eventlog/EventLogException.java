package dev.bulla.attestation.protocol.eventlog;

import dev.bulla.attestation.protocol.KbsProtocolException;

/** Thrown when bytes are not an event log, or when a log cannot be replayed. */
public final class EventLogException extends KbsProtocolException {
    private static final long serialVersionUID = 1L;

    public EventLogException(String message) {
        super("event log: " + message);
    }
}
