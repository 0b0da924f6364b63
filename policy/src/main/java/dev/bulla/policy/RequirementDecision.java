package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.Signer;
import java.util.List;

/**
 * What one requirement of the scope decided, or one of the policy's rules for all images ({@code revoked},
 * {@code minimumVersions}).
 *
 * @param type its type, {@code sigstoreSigned}
 * @param cryptographic whether passing it makes the image a signed one
 * @param outcome how it decided
 * @param reason why
 * @param signatures the signatures it looked at, in order, up to the first that sufficed
 * @param signers who signed, of those that sufficed
 * @param children what those decided that it is made of ({@code anyOf}, {@code atLeast}), or the base image's requirements
 */
public record RequirementDecision(
        String type,
        boolean cryptographic,
        RequirementOutcome outcome,
        String reason,
        List<SignatureDecision> signatures,
        List<Signer> signers,
        List<RequirementDecision> children) {
    public RequirementDecision {
        requireNonNull(type, "type is null");
        requireNonNull(outcome, "outcome is null");
        requireNonNull(reason, "reason is null");
        signatures = List.copyOf(signatures);
        signers = List.copyOf(signers);
        children = List.copyOf(children);
    }

    static RequirementDecision allow(
            PolicyRequirement requirement, String reason, List<SignatureDecision> signatures, List<Signer> signers) {
        return new RequirementDecision(
                requirement.type(),
                requirement.cryptographic(),
                RequirementOutcome.ALLOW,
                reason,
                signatures,
                signers,
                List.of());
    }

    static RequirementDecision deny(PolicyRequirement requirement, String reason, List<SignatureDecision> signatures) {
        return new RequirementDecision(
                requirement.type(),
                requirement.cryptographic(),
                RequirementOutcome.DENY,
                reason,
                signatures,
                List.of(),
                List.of());
    }

    /** The decision of a requirement that rests on others. */
    static RequirementDecision composite(
            PolicyRequirement requirement,
            boolean allowed,
            boolean cryptographic,
            String reason,
            List<Signer> signers,
            List<RequirementDecision> children) {
        return new RequirementDecision(
                requirement.type(),
                cryptographic,
                allowed ? RequirementOutcome.ALLOW : RequirementOutcome.DENY,
                reason,
                List.of(),
                signers,
                children);
    }

    /** The decision of a rule that holds for every image of the policy, whatever its scope. */
    static RequirementDecision rule(String section, boolean allowed, String reason) {
        return rule(section, allowed ? RequirementOutcome.ALLOW : RequirementOutcome.DENY, reason);
    }

    /** The same of a rule that names what is not to be had. */
    static RequirementDecision unreadableRule(String section, String reason) {
        return rule(section, RequirementOutcome.UNREADABLE, reason);
    }

    private static RequirementDecision rule(String section, RequirementOutcome outcome, String reason) {
        return new RequirementDecision(section, false, outcome, reason, List.of(), List.of(), List.of());
    }

    static RequirementDecision unreadable(PolicyRequirement requirement, String reason) {
        return new RequirementDecision(
                requirement.type(),
                requirement.cryptographic(),
                RequirementOutcome.UNREADABLE,
                reason,
                List.of(),
                List.of(),
                List.of());
    }

    /**
     * Whether it could not really be judged: it, or something that it is made of, names what is not to be had. It is not met
     * then, but that says nothing of the image.
     */
    public boolean unreadable() {
        return outcome == RequirementOutcome.UNREADABLE
                || (!allows() && children.stream().anyMatch(RequirementDecision::unreadable));
    }

    boolean allows() {
        return outcome == RequirementOutcome.ALLOW;
    }
}
