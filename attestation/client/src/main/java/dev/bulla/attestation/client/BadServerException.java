package dev.bulla.attestation.client;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown when the KBS answers what the protocol does not know: a status, a redirect, a message or an encrypted resource. */
public final class BadServerException extends AttestationException {
    private static final long serialVersionUID = 1L;

    private final @Nullable Duration retryAfter;

    BadServerException(String message) {
        this(message, null);
    }

    BadServerException(String message, @Nullable Throwable cause) {
        this(message, cause, Optional.empty());
    }

    private BadServerException(String message, @Nullable Throwable cause, Optional<Duration> retryAfter) {
        super(message, cause);
        this.retryAfter = retryAfter.orElse(null);
    }

    /** The failure of a server that is busy, or whose back end is not there. */
    static BadServerException busy(String message, Duration retryAfter) {
        return new BadServerException(message, null, Optional.of(retryAfter));
    }

    @Override
    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
