package dev.bulla.policy.signature;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

/** Thrown when a signature fails a check; becomes a line of the decision. */
public final class SignatureRejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final SignatureCheck check;

    public SignatureRejectedException(SignatureCheck check, String message) {
        super(message);
        this.check = requireNonNull(check, "check is null");
    }

    public SignatureRejectedException(SignatureCheck check, String message, Throwable cause) {
        super(message, cause);
        this.check = requireNonNull(check, "check is null");
    }

    /** The check that it failed. */
    public SignatureCheck check() {
        return check;
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
