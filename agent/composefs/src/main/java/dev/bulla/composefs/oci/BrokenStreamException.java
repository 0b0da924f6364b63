package dev.bulla.composefs.oci;

import dev.bulla.composefs.store.StoreException;

/** Thrown when a stream does not hold what it is called. It is left as it is. */
public final class BrokenStreamException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final String contentId;

    BrokenStreamException(String contentId, String problem) {
        super("store: stream " + contentId + ": " + problem);
        this.contentId = contentId;
    }

    BrokenStreamException(String contentId, String problem, Throwable cause) {
        super("store: stream " + contentId + ": " + problem, cause);
        this.contentId = contentId;
    }

    /** The stream's name. */
    public String contentId() {
        return contentId;
    }
}
