package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNullElse;

/** The root of what this room throws: a message, name or key is not what the KBS protocol says it must be. */
public class KbsProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    public KbsProtocolException(String message) {
        super(message);
    }

    public KbsProtocolException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
