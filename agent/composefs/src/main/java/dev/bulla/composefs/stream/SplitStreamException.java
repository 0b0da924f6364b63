package dev.bulla.composefs.stream;

import dev.bulla.composefs.ComposefsException;

/** Thrown when bytes are not a splitstream, or one beyond the limits. */
public final class SplitStreamException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    SplitStreamException(String problem) {
        super("splitstream: " + problem);
    }

    SplitStreamException(String problem, Throwable cause) {
        super("splitstream: " + problem, cause);
    }
}
