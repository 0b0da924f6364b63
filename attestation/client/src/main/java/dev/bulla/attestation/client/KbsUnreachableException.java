package dev.bulla.attestation.client;

import org.jspecify.annotations.Nullable;

/** Thrown when the KBS cannot be reached: no connection, no answer in time, or a TLS certificate that is not trusted. */
public final class KbsUnreachableException extends AttestationException {
    private static final long serialVersionUID = 1L;

    KbsUnreachableException(String message) {
        this(message, null);
    }

    KbsUnreachableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
