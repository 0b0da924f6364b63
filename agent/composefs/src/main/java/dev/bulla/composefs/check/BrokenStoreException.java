package dev.bulla.composefs.check;

import dev.bulla.composefs.store.StoreException;

/** Thrown when something of a store cannot be read, so that it is not known what must stay. Nothing has been deleted. */
public final class BrokenStoreException extends StoreException {
    private static final long serialVersionUID = 1L;

    BrokenStoreException(String message) {
        super(message);
    }
}
