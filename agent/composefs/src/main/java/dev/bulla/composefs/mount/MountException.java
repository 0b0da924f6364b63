package dev.bulla.composefs.mount;

import dev.bulla.composefs.ComposefsException;

/** Thrown when an image is not mounted; nothing of it stays mounted. */
public class MountException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    public MountException(String message) {
        super(message);
    }

    public MountException(String message, Throwable cause) {
        super(message, cause);
    }
}
