package dev.bulla.composefs;

import java.io.IOException;

/** The root of what this room throws of its own: one line, what, where, got and expected. */
public class ComposefsException extends IOException {
    private static final long serialVersionUID = 1L;

    public ComposefsException(String message) {
        super(message);
    }

    public ComposefsException(String message, Throwable cause) {
        super(message, cause);
    }
}
