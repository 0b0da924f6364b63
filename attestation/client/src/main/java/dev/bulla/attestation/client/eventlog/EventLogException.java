package dev.bulla.attestation.client.eventlog;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when an event is not logged or not measured: what it announces must then not happen. */
public final class EventLogException extends IOException {
    private static final long serialVersionUID = 1L;

    EventLogException(String message) {
        this(message, null);
    }

    EventLogException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
