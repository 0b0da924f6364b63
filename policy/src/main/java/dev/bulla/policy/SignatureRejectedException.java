package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

/** Thrown when a signature fails a check; becomes a {@link SignatureDecision}. */
final class SignatureRejectedException extends PolicyException {
    private static final long serialVersionUID = 1L;

    private final SignatureCheck check;

    SignatureRejectedException(SignatureCheck check, String message) {
        super(message);
        this.check = requireNonNull(check, "check is null");
    }

    SignatureRejectedException(SignatureCheck check, String message, Throwable cause) {
        super(message, cause);
        this.check = requireNonNull(check, "check is null");
    }

    /** The check that it failed. */
    SignatureCheck check() {
        return check;
    }
}
