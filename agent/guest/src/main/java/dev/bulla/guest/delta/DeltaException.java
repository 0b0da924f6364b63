package dev.bulla.guest.delta;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;

/** The delta of a layer's archive is malformed, or is one to another tree. */
public final class DeltaException extends IOException {
    private static final long serialVersionUID = 1L;

    DeltaException(String problem) {
        super("delta of a layer's archive: " + problem);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
