package dev.bulla.registry;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The root of what this room throws: an image's bytes could not be had, or are not what was asked for. Every message is
 * one line that names the place, what came and what was expected; none holds a credential.
 */
public abstract sealed class RegistryException extends IOException
        permits AuthFileException,
                ContentMismatchException,
                LookasideConfigurationException,
                NotFoundException,
                RedirectRefusedException,
                RegistryProtocolException,
                TooSlowException,
                UnauthorizedException,
                UnreachableException {
    private static final long serialVersionUID = 1L;

    RegistryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
