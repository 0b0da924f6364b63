package dev.bulla.attestation.client;

import org.jspecify.annotations.Nullable;

/** Thrown when the KBS answers what the protocol does not know: a status, a redirect, a message or an encrypted resource. */
public final class BadServerException extends AttestationException {
    private static final long serialVersionUID = 1L;

    BadServerException(String message) {
        this(message, null);
    }

    BadServerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
