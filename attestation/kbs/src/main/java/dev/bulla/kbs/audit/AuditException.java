package dev.bulla.kbs.audit;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** Thrown when an audit log is broken, or cannot be written. */
public final class AuditException extends Exception {
    private static final long serialVersionUID = 1L;

    AuditException(String message) {
        this(message, null);
    }

    AuditException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line, with the line's number where it is one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
