package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ImageReference;
import dev.bulla.policy.time.TrustedTime;
import java.util.Optional;

/**
 * What the requirements of one evaluation share.
 *
 * @param subject the image
 * @param signatures its signatures
 * @param keys reads the keys that requirements name
 * @param time what time it can be
 * @param revocations whose signatures count for nothing
 * @param statements the statements of authorities
 * @param everySigner whether all good signatures are wanted, not the first: where distinct signers are counted
 */
record EvaluationContext(
        PolicySubject subject,
        AskedSignatures signatures,
        KeyMaterialReader keys,
        TrustedTime time,
        RevocationList revocations,
        StatementCache statements,
        boolean everySigner) {
    EvaluationContext {
        requireNonNull(subject, "subject is null");
        requireNonNull(signatures, "signatures is null");
        requireNonNull(keys, "keys is null");
        requireNonNull(time, "time is null");
        requireNonNull(revocations, "revocations is null");
        requireNonNull(statements, "statements is null");
    }

    /** The same where all good signatures are wanted. */
    EvaluationContext forEverySigner() {
        return new EvaluationContext(subject, signatures, keys, time, revocations, statements, true);
    }

    /** The image's name, where its transport has references. */
    Optional<ImageReference> imageReference() {
        return switch (subject.name()) {
            case ImageName.Registry registry -> Optional.of(registry.reference());
            case ImageName.Layout layout -> Optional.empty();
        };
    }
}
