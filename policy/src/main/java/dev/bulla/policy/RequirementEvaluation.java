package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.List;

/** Decides the requirements of one evaluation. */
final class RequirementEvaluation {
    private final EvaluationContext context;

    RequirementEvaluation(EvaluationContext context) {
        this.context = requireNonNull(context, "context is null");
    }

    RequirementDecision decide(PolicyRequirement requirement) throws IOException, PolicyException {
        return switch (requirement) {
            case PolicyRequirement.InsecureAcceptAnything anything ->
                RequirementDecision.allow(anything, "anything is accepted, which proves nothing", List.of(), List.of());
            case PolicyRequirement.Reject reject ->
                RequirementDecision.deny(reject, "the policy refuses every image of this scope", List.of());
            case PolicyRequirement.SignedBy signedBy -> new SignedByEvaluation(context).decide(signedBy);
            case PolicyRequirement.SignedBaseLayer baseLayer ->
                RequirementDecision.notEvaluated(baseLayer, "base layers");
            case PolicyRequirement.SigstoreSigned signed -> new SigstoreSignedEvaluation(context).decide(signed);
        };
    }
}
