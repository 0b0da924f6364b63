package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What one requirement of the scope decided.
 *
 * @param type its type, {@code sigstoreSigned}
 * @param cryptographic whether passing it makes the image a signed one
 * @param outcome how it decided
 * @param reason why
 * @param signatures the signatures it looked at, in order, up to the first that sufficed
 */
public record RequirementDecision(
        String type,
        boolean cryptographic,
        RequirementOutcome outcome,
        String reason,
        List<SignatureDecision> signatures) {
    public RequirementDecision {
        requireNonNull(type, "type is null");
        requireNonNull(outcome, "outcome is null");
        requireNonNull(reason, "reason is null");
        signatures = List.copyOf(signatures);
    }

    boolean allows() {
        return outcome == RequirementOutcome.ALLOW;
    }
}
