package dev.bulla.provision;

import org.jspecify.annotations.Nullable;

/** Thrown when an image is not one with which the asked thing can be done. */
public final class UnsuitableImageException extends ProvisionException {
    private static final long serialVersionUID = 1L;

    public UnsuitableImageException(String message) {
        this(message, null);
    }

    public UnsuitableImageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
