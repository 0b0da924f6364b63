package dev.bulla.guest.pull;

/** Thrown when an image's parts do not fit together: diff_ids, platform, encryption. */
public final class ContentException extends Exception {
    private static final long serialVersionUID = 1L;

    public ContentException(String message) {
        super(message);
    }
}
