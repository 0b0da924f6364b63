package dev.bulla.attestation.client;

import org.jspecify.annotations.Nullable;

/** Thrown when a client cannot be made as it is configured: a URL, a certificate or a name that is not usable. */
public final class KbsConfigurationException extends AttestationException {
    private static final long serialVersionUID = 1L;

    public KbsConfigurationException(String message) {
        this(message, null);
    }

    public KbsConfigurationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
