package dev.bulla.kbs.junit;

import static java.util.Objects.requireNonNull;

import dev.bulla.kbs.policy.ResourcePolicy;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/**
 * How a test's KBS is to be.
 *
 * @param tls whether it serves TLS
 * @param time where its clock stands at first, if it is said
 * @param setup the rest
 */
record KbsSettings(boolean tls, Optional<Instant> time, KbsSetup setup) {
    KbsSettings {
        requireNonNull(time, "time is null");
        requireNonNull(setup, "setup is null");
    }

    /** As the annotation says. */
    static KbsSettings of(BullaKbs annotation) {
        return new KbsSettings(annotation.tls(), time(annotation.time()), (kbs, clock) -> {
            kbs.insecureSampleEvidence()
                    .errorMode(annotation.errors())
                    .resourcePolicy(
                            switch (annotation.release()) {
                                case ALLOW -> ResourcePolicy.ALLOW;
                                case DENY -> ResourcePolicy.DENY;
                                case AFFIRMING -> ResourcePolicy.AFFIRMING;
                            });
            if (annotation.sampleReferenceValues()) {
                kbs.withSampleReferenceValues();
            }
        });
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            throw new ParameterResolutionException(
                    "@BullaKbs time \"" + text + "\": expected ISO 8601 such as 2026-11-21T00:00:00Z", e);
        }
    }
}
