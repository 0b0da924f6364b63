package dev.bulla.policy.openpgp;

/** Thrown when the arithmetic was done and a signature is not the key's. */
final class MismatchException extends Exception {
    private static final long serialVersionUID = 1L;

    MismatchException(String message) {
        super(message);
    }
}
