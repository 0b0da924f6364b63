package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.PolicyRequirement.SigstoreTrust;
import java.io.IOException;
import java.util.List;

/** Decides the requirements of one evaluation. */
final class RequirementEvaluation {
    private final SigstoreKeyVerification sigstore;

    RequirementEvaluation(PolicySubject subject, SignatureSource signatures, KeyMaterialReader keys) {
        this.sigstore = new SigstoreKeyVerification(
                requireNonNull(subject, "subject is null"),
                new AskedSignatures(signatures),
                requireNonNull(keys, "keys is null"));
    }

    RequirementDecision decide(PolicyRequirement requirement) throws IOException, PolicyException {
        return switch (requirement) {
            case PolicyRequirement.InsecureAcceptAnything anything ->
                decided(anything, RequirementOutcome.ALLOW, "anything is accepted, which proves nothing");
            case PolicyRequirement.Reject reject ->
                decided(reject, RequirementOutcome.DENY, "the policy refuses every image of this scope");
            case PolicyRequirement.SignedBy signedBy ->
                notEvaluated(
                        signedBy,
                        "simple signing signatures (" + signedBy.keyType().key() + ")");
            case PolicyRequirement.SignedBaseLayer baseLayer -> notEvaluated(baseLayer, "base layers");
            case PolicyRequirement.SigstoreSigned signed -> sigstoreSigned(signed);
        };
    }

    private RequirementDecision sigstoreSigned(PolicyRequirement.SigstoreSigned signed)
            throws IOException, PolicyException {
        return switch (signed.trust()) {
            case SigstoreTrust.PublicKeys keys ->
                signed.rekorKeys().isEmpty()
                        ? sigstore.decide(signed, keys)
                        : notEvaluated(signed, "entries of a transparency log (rekorPublicKey…)");
            case SigstoreTrust.Fulcio fulcio -> notEvaluated(signed, "certificates of a Fulcio");
            case SigstoreTrust.Pki pki -> notEvaluated(signed, "certificates of one's own PKI");
        };
    }

    private static RequirementDecision notEvaluated(PolicyRequirement requirement, String what) {
        return decided(
                requirement,
                RequirementOutcome.NOT_EVALUATED,
                what + " are read in a policy but not evaluated yet, so no image meets this requirement");
    }

    private static RequirementDecision decided(
            PolicyRequirement requirement, RequirementOutcome outcome, String reason) {
        return new RequirementDecision(requirement.type(), requirement.cryptographic(), outcome, reason, List.of());
    }
}
