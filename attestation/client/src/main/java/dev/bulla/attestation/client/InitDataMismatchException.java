package dev.bulla.attestation.client;

/** Thrown when the TEE measured other initdata than the guest was given: nothing of it may be used. */
public final class InitDataMismatchException extends AttestationException {
    private static final long serialVersionUID = 1L;

    public InitDataMismatchException(String message) {
        super(message, null);
    }
}
