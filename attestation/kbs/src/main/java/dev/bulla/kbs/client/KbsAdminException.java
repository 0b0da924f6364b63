package dev.bulla.kbs.client;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** Thrown when a KBS was not reached by its administrator, or refused; says the request, the status and the KBS's words. */
public final class KbsAdminException extends Exception {
    private static final long serialVersionUID = 1L;

    KbsAdminException(String message) {
        this(message, null);
    }

    KbsAdminException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What went wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
