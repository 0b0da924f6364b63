package dev.bulla.attestation.client.initdata;

/** Thrown when the initdata is not that with which the TEE says it was started. */
public final class InitDataMismatchException extends InitDataException {
    private static final long serialVersionUID = 1L;

    InitDataMismatchException(String message) {
        super(message, null);
    }
}
