package dev.bulla.guest.bundle;

/** Thrown when an image's configuration cannot be turned into a bundle. */
public final class BundleException extends Exception {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }
}
