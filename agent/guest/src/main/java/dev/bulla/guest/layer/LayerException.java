package dev.bulla.guest.layer;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;

/**
 * The root of what this package refuses: a layer that is malformed, over a limit or hostile. The message says in one line
 * what is wrong, at which entry or byte, what stood there and what was expected.
 *
 * <p>An {@link IOException}, because layers are read through streams. Failures of the stream that brings the layer (the
 * registry's, the cipher's) and of the store pass through as they are.
 */
public abstract sealed class LayerException extends IOException
        permits ArchiveFormatException,
                CanonicalMappingException,
                CompressionFormatException,
                DiffIdMismatchException,
                EntryRefusedException,
                LayerLimitException {
    private static final long serialVersionUID = 1L;

    LayerException(String message) {
        super(message);
    }

    LayerException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
