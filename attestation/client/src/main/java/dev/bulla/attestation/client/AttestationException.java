package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNullElse;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The root of what this room throws: a resource was not to be had from a KBS; the subclass says on which step. */
public abstract sealed class AttestationException extends Exception
        permits KbsConfigurationException,
                KbsUnreachableException,
                EvidenceUnavailableException,
                EvidenceRefusedException,
                InitDataMismatchException,
                DeniedByPolicyException,
                NoSuchResourceException,
                ResourceTooLargeException,
                BadServerException {
    private static final long serialVersionUID = 1L;

    AttestationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** At the earliest when another try may help; empty where it cannot. */
    Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /** What went wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
