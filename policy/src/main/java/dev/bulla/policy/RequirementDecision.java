package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.Signer;
import java.util.List;

/**
 * What one requirement of the scope decided.
 *
 * @param type its type, {@code sigstoreSigned}
 * @param cryptographic whether passing it makes the image a signed one
 * @param outcome how it decided
 * @param reason why
 * @param signatures the signatures it looked at, in order, up to the first that sufficed
 * @param signers who signed, of those that sufficed
 */
public record RequirementDecision(
        String type,
        boolean cryptographic,
        RequirementOutcome outcome,
        String reason,
        List<SignatureDecision> signatures,
        List<Signer> signers) {
    public RequirementDecision {
        requireNonNull(type, "type is null");
        requireNonNull(outcome, "outcome is null");
        requireNonNull(reason, "reason is null");
        signatures = List.copyOf(signatures);
        signers = List.copyOf(signers);
    }

    static RequirementDecision allow(
            PolicyRequirement requirement, String reason, List<SignatureDecision> signatures, List<Signer> signers) {
        return new RequirementDecision(
                requirement.type(), requirement.cryptographic(), RequirementOutcome.ALLOW, reason, signatures, signers);
    }

    static RequirementDecision deny(PolicyRequirement requirement, String reason, List<SignatureDecision> signatures) {
        return new RequirementDecision(
                requirement.type(),
                requirement.cryptographic(),
                RequirementOutcome.DENY,
                reason,
                signatures,
                List.of());
    }

    static RequirementDecision notEvaluated(PolicyRequirement requirement, String what) {
        return new RequirementDecision(
                requirement.type(),
                requirement.cryptographic(),
                RequirementOutcome.NOT_EVALUATED,
                what + " are read in a policy but not evaluated yet, so no image meets this requirement",
                List.of(),
                List.of());
    }

    boolean allows() {
        return outcome == RequirementOutcome.ALLOW;
    }
}
