package dev.bulla.attestation.client;

import org.jspecify.annotations.Nullable;

/** Thrown when this guest cannot make evidence: its TEE is missing, does not work, or is not supported. */
public final class EvidenceUnavailableException extends AttestationException {
    private static final long serialVersionUID = 1L;

    public EvidenceUnavailableException(String message) {
        this(message, null);
    }

    public EvidenceUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
