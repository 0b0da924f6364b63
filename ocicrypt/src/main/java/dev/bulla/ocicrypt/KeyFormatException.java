package dev.bulla.ocicrypt;

import org.jspecify.annotations.Nullable;

/** Thrown when a key that the tenant gave is in no format that we read, or is no key that we may use. */
public final class KeyFormatException extends OcicryptException {
    private static final long serialVersionUID = 1L;

    public KeyFormatException(String message) {
        this(message, null);
    }

    public KeyFormatException(String message, @Nullable Throwable cause) {
        super("key: " + message, cause);
    }
}
