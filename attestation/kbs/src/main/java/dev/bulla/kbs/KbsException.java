package dev.bulla.kbs;

import static java.util.Objects.requireNonNullElse;

/** Thrown when an embedded KBS cannot be set up: a key, a certificate, a setting, a folder or an address is not usable. */
public final class KbsException extends Exception {
    private static final long serialVersionUID = 1L;

    public KbsException(String message) {
        super(message);
    }

    public KbsException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
