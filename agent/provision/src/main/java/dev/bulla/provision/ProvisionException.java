package dev.bulla.provision;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** The root of what this room throws: what the tenant asks for cannot be done with what they gave. */
public abstract sealed class ProvisionException extends Exception
        permits UnsuitableImageException, UnusableKeyException {
    private static final long serialVersionUID = 1L;

    ProvisionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
