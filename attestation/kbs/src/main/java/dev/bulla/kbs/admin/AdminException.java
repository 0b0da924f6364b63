package dev.bulla.kbs.admin;

import static java.util.Objects.requireNonNullElse;

/** Thrown when an administrator is refused, or a rule is not usable. */
public final class AdminException extends Exception {
    private static final long serialVersionUID = 1L;

    AdminException(String message) {
        super(message);
    }

    AdminException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
