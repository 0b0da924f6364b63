package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.List;

/** Decides the requirements of one evaluation. */
final class RequirementEvaluation {
    private final EvaluationContext context;
    private final BaseLayerEvaluation bases;

    RequirementEvaluation(EvaluationContext context, BaseLayerEvaluation bases) {
        this.context = requireNonNull(context, "context is null");
        this.bases = requireNonNull(bases, "bases is null");
    }

    RequirementDecision decide(PolicyRequirement requirement) throws IOException, PolicyException {
        return switch (requirement) {
            case PolicyRequirement.InsecureAcceptAnything anything ->
                RequirementDecision.allow(anything, "anything is accepted, which proves nothing", List.of(), List.of());
            case PolicyRequirement.Reject reject ->
                RequirementDecision.deny(reject, "the policy refuses every image of this scope", List.of());
            case PolicyRequirement.SignedBy signedBy -> new SignedByEvaluation(context).decide(signedBy);
            case PolicyRequirement.SignedBaseLayer baseLayer -> bases.decide(baseLayer, context);
            case PolicyRequirement.SigstoreSigned signed -> new SigstoreSignedEvaluation(context).decide(signed);
            case AnyOf anyOf -> new CompositeEvaluation(this, context.everySigner()).decide(anyOf);
            case AtLeast atLeast ->
                new CompositeEvaluation(new RequirementEvaluation(context.forEverySigner(), bases), true)
                        .decide(atLeast);
            case ExpectedDigest expected -> expected.decide(context.subject());
            case SourceUris sources -> sources.decide(context.subject());
            case TrustGraphRequirement graph -> new TrustGraphEvaluation(context).decide(graph);
            case NotationSigned signed -> new NotationSignedEvaluation(context).decide(signed);
            case SigstoreBundleRequirement bundle -> new BundleEvaluation(context).decide(bundle);
            case AttestationRequirement attestation -> new BundleEvaluation(context).decide(attestation);
        };
    }
}
