package dev.bulla.composefs.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.ComposefsException;
import org.jspecify.annotations.Nullable;

/** Thrown when a digest is not signed as it must be; says which check it failed. */
public final class SignatureRefusedException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    private final SignatureCheck check;

    public SignatureRefusedException(SignatureCheck check, String message) {
        this(check, message, null);
    }

    public SignatureRefusedException(SignatureCheck check, String message, @Nullable Throwable cause) {
        super("signature: " + message);
        if (cause != null) {
            initCause(cause);
        }
        this.check = requireNonNull(check, "check is null");
    }

    /** The check that refused it. */
    public SignatureCheck check() {
        return check;
    }
}
