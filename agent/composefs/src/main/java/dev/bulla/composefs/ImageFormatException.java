package dev.bulla.composefs;

/** A file is not a composefs image, or a malformed or unknown one. */
public final class ImageFormatException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    public ImageFormatException(String message) {
        super(message);
    }
}
