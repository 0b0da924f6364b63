package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges images by a policy: the requirements of the one scope that matches, all of which must pass, and then the matrix
 * of signed and encrypted.
 *
 * <p>Without state of its own, so one evaluator serves many threads; every evaluation reads its keys anew.
 */
public final class PolicyEvaluator {
    private final Policy policy;
    private final KeyMaterialReader keys;
    private final TrustedTime time;

    /** An evaluator that refuses relative key paths. */
    public PolicyEvaluator(Policy policy, ResourceSource resources, TrustedTime time) {
        this(policy, resources, time, Optional.empty());
    }

    /**
     * An evaluator.
     *
     * @param policy the policy
     * @param resources reads the files and resources that the policy names as keys
     * @param time what time it can be
     * @param baseFolder the folder that relative key paths begin at; absolute
     */
    public PolicyEvaluator(Policy policy, ResourceSource resources, TrustedTime time, Path baseFolder) {
        this(policy, resources, time, Optional.of(baseFolder));
    }

    private PolicyEvaluator(Policy policy, ResourceSource resources, TrustedTime time, Optional<Path> baseFolder) {
        this.time = requireNonNull(time, "time is null");
        this.policy = requireNonNull(policy, "policy is null");
        this.keys = new KeyMaterialReader(resources, baseFolder);
    }

    /**
     * Judges an image, before its keys are asked for and before a layer is fetched.
     *
     * @return the decision, which wants to know the wraps that opened the layers before it lets the image run
     * @throws PolicyRejectedException when a requirement is not met, or the matrix refuses the image
     * @throws IOException when signatures were asked for and {@code signatures} could not say whether there are any
     * @throws PolicyException as {@code signatures} throws it
     */
    public PendingDecision evaluate(PolicySubject subject, SignatureSource signatures)
            throws IOException, PolicyException {
        ScopeLookup lookup = ScopeLookup.of(subject.name());
        Policy.Selection selection = policy.select(lookup.transport(), lookup.scopes());
        RequirementEvaluation evaluation = new RequirementEvaluation(
                new EvaluationContext(subject, new AskedSignatures(signatures), keys, time, false));
        List<RequirementDecision> requirements = new ArrayList<>();
        for (PolicyRequirement requirement : selection.requirements()) {
            requirements.add(evaluation.decide(requirement));
        }
        Findings findings = new Findings(
                subject, policy.origin(), selection.scope(), selection.passedOver(), requirements, Optional.empty());
        if (!requirements.stream().allMatch(RequirementDecision::allows)) {
            throw new PolicyRejectedException(new RejectedDecision(findings));
        }
        MatrixEvaluation.Outcome matrix = new MatrixEvaluation(policy.matrix(), keys)
                .decide(subject, requirements.stream().anyMatch(RequirementDecision::cryptographic));
        if (!matrix.decision().allowed()) {
            throw new PolicyRejectedException(new RejectedDecision(findings.withMatrix(matrix.decision())));
        }
        return new PendingDecision(findings, matrix, policy.matrix());
    }

    /**
     * The seal that the policy requires of an image.
     *
     * @return the requirement with its certificates; empty where none is
     * @throws PolicyException when a certificate that it names is not to be had
     */
    public Optional<SealRequirement> sealRequirement(PolicySubject subject) throws PolicyException {
        try {
            return policy.sealRule(ScopeLookup.of(subject.name())).requirement(keys);
        } catch (KeyMaterialException e) {
            throw new PolicyException(e.getMessage(), e);
        }
    }

    /** What must at least hold a mounted image to its digest; empty where the policy does not say. */
    public Optional<RequiredEnforcement> requiredEnforcement() {
        return policy.requiredEnforcement();
    }

    /**
     * The keys whose signatures over the digests of composefs images the policy believes.
     *
     * @return the files and resources of its section {@code imageSignatures}, read; empty where it has none
     * @throws PolicyException when one is not to be had
     */
    public List<ImageSignatureKey> imageSignatureKeys() throws PolicyException {
        List<ImageSignatureKey> read = new ArrayList<>();
        for (KeyMaterial material : policy.imageKeys()) {
            try {
                read.add(new ImageSignatureKey(keys.read(material), material.toString()));
            } catch (KeyMaterialException e) {
                throw new PolicyException(e.getMessage(), e);
            }
        }
        return List.copyOf(read);
    }
}
