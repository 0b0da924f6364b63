package dev.bulla.policy;

/** Thrown when a key that a requirement names is not to be had or is no key; the requirement is not met then. */
final class KeyMaterialException extends PolicyException {
    private static final long serialVersionUID = 1L;

    KeyMaterialException(String message) {
        super(message);
    }

    KeyMaterialException(String message, Throwable cause) {
        super(message, cause);
    }
}
