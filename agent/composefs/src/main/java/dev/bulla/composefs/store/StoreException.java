package dev.bulla.composefs.store;

import dev.bulla.composefs.ComposefsException;

/** Thrown when the store cannot be used as it is found. */
public class StoreException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message) {
        super(message);
    }

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
