package dev.bulla.policy.notation;

/** Thrown when bytes are no CBOR that we take. */
final class CborException extends Exception {
    private static final long serialVersionUID = 1L;

    CborException(String message) {
        super(message);
    }
}
