package dev.bulla.attestation.client.initdata;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

/** The root of what this package throws: there is initdata, and it is not to be used. */
public abstract sealed class InitDataException extends Exception
        permits MalformedInitDataException, InitDataMismatchException {
    private static final long serialVersionUID = 1L;

    InitDataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
