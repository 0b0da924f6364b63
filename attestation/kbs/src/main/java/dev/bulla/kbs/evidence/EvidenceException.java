package dev.bulla.kbs.evidence;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** Thrown when evidence does not verify; what is wrong goes to the audit log, not to the guest. */
public final class EvidenceException extends Exception {
    private static final long serialVersionUID = 1L;

    public EvidenceException(String message) {
        this(message, null);
    }

    public EvidenceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
