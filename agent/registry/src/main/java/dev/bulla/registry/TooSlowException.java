package dev.bulla.registry;

import org.jspecify.annotations.Nullable;

/** Thrown when a registry answers, or an answer moves, more slowly than {@link Timeouts} allow. */
public final class TooSlowException extends RegistryException {
    private static final long serialVersionUID = 1L;

    TooSlowException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
