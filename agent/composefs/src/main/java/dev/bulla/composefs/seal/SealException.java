package dev.bulla.composefs.seal;

import dev.bulla.composefs.ComposefsException;

/** Thrown when a seal is malformed, incomplete, or names a digest that the image has not. */
public final class SealException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    public SealException(String message) {
        super("seal: " + message);
    }

    public SealException(String message, Throwable cause) {
        super("seal: " + message, cause);
    }
}
