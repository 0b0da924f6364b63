package dev.bulla.policy.openpgp;

import static java.util.Objects.requireNonNullElse;

/** Thrown when bytes are no OpenPGP packets, or ones of a kind that is not taken. */
final class OpenPgpException extends Exception {
    private static final long serialVersionUID = 1L;

    OpenPgpException(String message) {
        super(message);
    }

    OpenPgpException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
