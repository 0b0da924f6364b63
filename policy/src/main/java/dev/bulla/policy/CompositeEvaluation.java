package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.Signer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides {@code anyOf} and {@code atLeast}.
 *
 * <p>What is met without a signer ({@code insecureAcceptAnything}, {@code expectedDigest}) counts in {@code atLeast} as if its
 * type had signed: once, however often it is written. An {@code anyOf} or {@code atLeast} within counts under any one of its
 * own signers.
 *
 * <p><b>Security.</b> {@code anyOf} makes the image a signed one only when a cryptographic alternative is met, whatever else
 * is; {@code atLeast} only when enough cryptographic requirements are met without the help of others.
 */
final class CompositeEvaluation {
    private final RequirementEvaluation parts;
    private final boolean everySigner;

    /**
     * An evaluation.
     *
     * @param parts decides what it is made of
     * @param everySigner whether all who signed are wanted
     */
    CompositeEvaluation(RequirementEvaluation parts, boolean everySigner) {
        this.parts = requireNonNull(parts, "parts is null");
        this.everySigner = everySigner;
    }

    RequirementDecision decide(AnyOf anyOf) throws IOException, PolicyException {
        List<RequirementDecision> looked = new ArrayList<>();
        for (PolicyRequirement alternative : anyOf.requirements()) {
            RequirementDecision decision = parts.decide(alternative);
            looked.add(decision);
            // One that proves nothing is no reason to stop: a later one may make the image signed.
            if (!everySigner && decision.allows() && decision.cryptographic()) {
                break;
            }
        }
        List<RequirementDecision> met =
                proving(looked.stream().filter(RequirementDecision::allows).toList());
        if (met.isEmpty()) {
            return RequirementDecision.composite(
                    anyOf, false, false, "none of " + looked.size() + " requirements is met", List.of(), looked);
        }
        RequirementDecision first = met.getFirst();
        return RequirementDecision.composite(
                anyOf,
                true,
                first.cryptographic(),
                "requirement " + (looked.indexOf(first) + 1) + " of "
                        + anyOf.requirements().size() + " is met, " + first.type() + ": " + first.reason(),
                signers(met),
                looked);
    }

    /** The cryptographic ones, where there are any, else all. */
    private static List<RequirementDecision> proving(List<RequirementDecision> met) {
        List<RequirementDecision> cryptographic =
                met.stream().filter(RequirementDecision::cryptographic).toList();
        return cryptographic.isEmpty() ? met : cryptographic;
    }

    /** Decides over parts that were asked for all who signed. */
    RequirementDecision decide(AtLeast atLeast) throws IOException, PolicyException {
        List<RequirementDecision> looked = new ArrayList<>();
        for (PolicyRequirement requirement : atLeast.requirements()) {
            looked.add(parts.decide(requirement));
        }
        List<RequirementDecision> met =
                looked.stream().filter(RequirementDecision::allows).toList();
        List<RequirementDecision> proving =
                met.stream().filter(RequirementDecision::cryptographic).toList();
        List<RequirementDecision> counted = counted(proving);
        boolean cryptographic = counted.size() >= atLeast.count();
        if (!cryptographic) {
            counted = counted(met);
        }
        boolean allowed = counted.size() >= atLeast.count();
        String reason =
                counted.size() + " of " + looked.size() + " requirements are met, each under a signer of its own"
                        + (counted.size() < met.size() ? " (" + met.size() + " are met in all)" : "")
                        + (allowed ? ", at least " : ", expected ") + atLeast.count();
        return RequirementDecision.composite(atLeast, allowed, cryptographic, reason, signers(counted), looked);
    }

    private static List<RequirementDecision> counted(List<RequirementDecision> met) {
        SignerNames signers = SignerNames.of(met);
        return DistinctSigners.counted(met.stream()
                        .map(decision -> countsUnder(decision, signers))
                        .toList())
                .stream()
                .map(met::get)
                .toList();
    }

    private static Collection<String> countsUnder(RequirementDecision decision, SignerNames signers) {
        Set<String> names = new LinkedHashSet<>();
        decision.signers().forEach(signer -> names.add("signer " + signers.name(signer)));
        if (names.isEmpty()) {
            // What a composite rests on, lest a requirement counts twice for being wrapped in one.
            proving(decision.children().stream()
                            .filter(RequirementDecision::allows)
                            .toList())
                    .forEach(child -> names.addAll(countsUnder(child, signers)));
        }
        return names.isEmpty() ? Set.of("requirement " + decision.type()) : names;
    }

    private static List<Signer> signers(List<RequirementDecision> decisions) {
        Set<Signer> signers = new LinkedHashSet<>();
        decisions.forEach(decision -> signers.addAll(decision.signers()));
        return List.copyOf(signers);
    }
}
