package dev.bulla.policy.signature;

import static java.util.Objects.requireNonNullElse;

/** Thrown when a key that a requirement names is not to be had or is no key; the requirement is not met then. */
public final class KeyMaterialException extends Exception {
    private static final long serialVersionUID = 1L;

    public KeyMaterialException(String message) {
        super(message);
    }

    public KeyMaterialException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
