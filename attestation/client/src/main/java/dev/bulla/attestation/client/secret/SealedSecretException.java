package dev.bulla.attestation.client.secret;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** Thrown when a sealed secret is not opened; says why, never what is in it. */
public final class SealedSecretException extends Exception {
    private static final long serialVersionUID = 1L;

    /** On which step it failed. */
    public enum Reason {
        /** The text, its header or its payload is not what it must be. */
        MALFORMED,
        /** The key that should verify it is not there, is not named as one may be, or is no key for it. */
        KEY,
        /** The signature is not this key's. */
        SIGNATURE,
        /** It asks for a provider that we do not speak to. */
        PROVIDER,
        /** The KMS does not open the key, or the key does not open the secret. */
        DECRYPTION
    }

    private final Reason reason;

    public SealedSecretException(Reason reason, String message) {
        this(reason, message, null);
    }

    public SealedSecretException(Reason reason, String message, @Nullable Throwable cause) {
        super("sealed secret: " + message, cause);
        this.reason = requireNonNull(reason, "reason is null");
    }

    /** On which step it failed. */
    public Reason reason() {
        return reason;
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
