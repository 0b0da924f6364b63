package dev.bulla.attestation.client;

/** Thrown when a resource is larger than the caller takes. */
public final class ResourceTooLargeException extends AttestationException {
    private static final long serialVersionUID = 1L;

    private final int limit;

    ResourceTooLargeException(String message, int limit) {
        super(message, null);
        this.limit = limit;
    }

    /** How many bytes the caller takes. */
    public int limit() {
        return limit;
    }
}
