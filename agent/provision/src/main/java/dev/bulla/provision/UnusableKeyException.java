package dev.bulla.provision;

import org.jspecify.annotations.Nullable;

/** Thrown when a key, or the text that names one, is none that we can use. */
public final class UnusableKeyException extends ProvisionException {
    private static final long serialVersionUID = 1L;

    public UnusableKeyException(String message) {
        this(message, null);
    }

    UnusableKeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
