package dev.bulla.attestation.client;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown when the KBS cannot be reached: no connection, no answer in time, or a TLS certificate that is not trusted. */
public final class KbsUnreachableException extends AttestationException {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    KbsUnreachableException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    /** @param passing whether another try may help */
    KbsUnreachableException(String message, @Nullable Throwable cause, boolean passing) {
        super(message, cause);
        this.passing = passing;
    }

    @Override
    Optional<Duration> retryAfter() {
        return passing ? Optional.of(Duration.ZERO) : Optional.empty();
    }
}
