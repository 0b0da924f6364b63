package dev.bulla.ocicrypt;

import org.jspecify.annotations.Nullable;

/** Thrown when a layer's annotations are not what ocicrypt writes, or contradict its media type. */
public final class MalformedEncryptionException extends OcicryptException {
    private static final long serialVersionUID = 1L;

    MalformedEncryptionException(String message) {
        this(message, null);
    }

    MalformedEncryptionException(String message, @Nullable Throwable cause) {
        super("layer encryption: " + message, cause);
    }
}
