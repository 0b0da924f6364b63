package dev.bulla.composefs;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;

/** The root of what this room throws beyond plain I/O errors: what it read, or was to write, is not what composefs allows. */
public class ComposefsException extends IOException {
    private static final long serialVersionUID = 1L;

    public ComposefsException(String message) {
        super(message);
    }

    public ComposefsException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
