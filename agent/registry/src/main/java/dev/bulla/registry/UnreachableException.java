package dev.bulla.registry;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when there is no connection to a registry, when a connection breaks, or when a registry goes on answering that
 * it cannot now (429 and 5xx); and when a layout's files cannot be read.
 */
public final class UnreachableException extends RegistryException {
    private static final long serialVersionUID = 1L;

    private final boolean connectionBroke;

    UnreachableException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    UnreachableException(String message, @Nullable Throwable cause, boolean connectionBroke) {
        super(message, cause);
        this.connectionBroke = connectionBroke;
    }

    /** Whether there was a connection that broke, so that asking again may help. */
    boolean connectionBroke() {
        return connectionBroke;
    }
}
