package dev.bulla.composefs;

/** A tree holds what an image has no room for. */
public final class UnwritableTreeException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    UnwritableTreeException(String message) {
        super(message);
    }
}
