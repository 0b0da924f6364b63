package dev.bulla.attestation.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown when the KBS would release the resource and has none, or does not know the plugin it is asked of. */
public final class NoSuchResourceException extends AttestationException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String variant;

    NoSuchResourceException(String message, Optional<String> variant) {
        super(message, null);
        this.variant = variant.orElse(null);
    }

    /** The name by which the KBS calls its refusal, such as {@code PolicyDeny}, if it gave one. */
    public Optional<String> variant() {
        return Optional.ofNullable(variant);
    }
}
