package dev.bulla.attestation.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown when the KBS accepted the evidence and its policy does not release the resource. */
public final class DeniedByPolicyException extends AttestationException {
    private static final long serialVersionUID = 1L;

    private final @Nullable String variant;

    DeniedByPolicyException(String message, Optional<String> variant) {
        super(message, null);
        this.variant = variant.orElse(null);
    }

    /** The name by which the KBS calls its refusal, such as {@code PolicyDeny}, if it gave one. */
    public Optional<String> variant() {
        return Optional.ofNullable(variant);
    }
}
