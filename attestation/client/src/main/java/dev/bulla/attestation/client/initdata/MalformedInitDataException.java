package dev.bulla.attestation.client.initdata;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** Thrown when an initdata disk is not what kata writes, or two disks claim to be one. */
public final class MalformedInitDataException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedInitDataException(String message) {
        this(message, null);
    }

    MalformedInitDataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
