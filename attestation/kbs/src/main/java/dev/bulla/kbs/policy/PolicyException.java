package dev.bulla.kbs.policy;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** Thrown when a policy is malformed or cannot be evaluated; whoever asked it refuses. */
public final class PolicyException extends Exception {
    private static final long serialVersionUID = 1L;

    public PolicyException(String message) {
        this(message, null);
    }

    public PolicyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line, with line and column where it is in a text; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
