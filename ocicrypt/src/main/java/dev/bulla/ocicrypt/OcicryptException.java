package dev.bulla.ocicrypt;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** The root of what this room throws; no message of it holds any part of a key. */
public abstract sealed class OcicryptException extends Exception
        permits KeyFormatException, MalformedEncryptionException, NoKeyException, WrapRefusedException {
    private static final long serialVersionUID = 1L;

    OcicryptException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
