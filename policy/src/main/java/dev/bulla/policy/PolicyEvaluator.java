package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.time.TimeRefusedException;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
    private final boolean raisesFloor;
    private final StatementCache statements;

    /** An evaluator that refuses relative key paths. */
    public PolicyEvaluator(Policy policy, ResourceSource resources, TrustedTime time) {
        this(
                policy,
                new KeyMaterialReader(resources, Optional.empty()),
                time,
                new StatementCache(StatementSource.NONE),
                false);
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
        this(
                policy,
                new KeyMaterialReader(resources, Optional.of(baseFolder)),
                time,
                new StatementCache(StatementSource.NONE),
                false);
    }

    private PolicyEvaluator(
            Policy policy, KeyMaterialReader keys, TrustedTime time, StatementCache statements, boolean raisesFloor) {
        this.time = requireNonNull(time, "time is null");
        this.policy = requireNonNull(policy, "policy is null");
        this.keys = requireNonNull(keys, "keys is null");
        this.statements = requireNonNull(statements, "statements is null");
        this.raisesFloor = raisesFloor;
    }

    /**
     * This evaluator, where every image that meets its requirements and the matrix raises the floor of {@link TrustedTime}: to
     * the policy's {@code issuedAt}, and to when its signatures were made, by witnesses that verified under the policy's roots.
     *
     * <p><b>Security.</b> For a policy of measured configuration or of a pinned KBS only: both times are whoever's who wrote
     * it.
     */
    public PolicyEvaluator raisingFloor() {
        return new PolicyEvaluator(policy, keys, time, statements, true);
    }

    /** This evaluator with what is known of authorities' statements, which may outlive it; without, it reaches none by https. */
    public PolicyEvaluator withStatements(StatementCache known) {
        return new PolicyEvaluator(policy, keys, time, known, raisesFloor);
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
        return evaluate(subject, signatures, BaseImages.NONE);
    }

    /**
     * The same where base images can be had.
     *
     * @param bases where the image's base comes from, if a requirement asks for it; without one, none is met
     * @throws PolicyException as {@code signatures} and {@code bases} throw it, and when the policy's {@code issuedAt} cannot
     *     be
     */
    public PendingDecision evaluate(PolicySubject subject, SignatureSource signatures, BaseImages bases)
            throws IOException, PolicyException {
        ScopeLookup lookup = ScopeLookup.of(subject.name());
        Policy.Selection selection = policy.select(lookup.transport(), lookup.scopes());
        List<RequirementDecision> requirements = judge(subject, signatures, selection, bases);
        Findings findings = new Findings(
                subject, policy.origin(), selection.scope(), selection.passedOver(), requirements, Optional.empty());
        if (!requirements.stream().allMatch(RequirementDecision::allows)) {
            throw new PolicyRejectedException(new RejectedDecision(findings));
        }
        MatrixEvaluation.Outcome matrix =
                new MatrixEvaluation(policy.matrix(), keys).decide(subject, isSigned(requirements));
        if (!matrix.decision().allowed()) {
            throw new PolicyRejectedException(new RejectedDecision(findings.withMatrix(matrix.decision())));
        }
        if (raisesFloor) {
            raiseFloor(requirements);
        }
        return new PendingDecision(findings, matrix, policy.matrix());
    }

    /** The rules that hold for every image, and between them the requirements of a scope. */
    private List<RequirementDecision> judge(
            PolicySubject subject, SignatureSource signatures, Policy.Selection selection, BaseImages bases)
            throws IOException, PolicyException {
        List<RequirementDecision> decisions = new ArrayList<>();
        RevocationList revoked = RevocationList.NONE;
        if (policy.revocations().present()) {
            try {
                revoked = policy.revocations().read(keys);
            } catch (KeyMaterialException e) {
                return List.of(RequirementDecision.unreadableRule(RevocationRules.SECTION, e.getMessage()));
            }
            Optional<String> refusal = revoked.refusal(subject);
            decisions.add(RequirementDecision.rule(
                    RevocationRules.SECTION,
                    refusal.isEmpty(),
                    refusal.orElse("the image is not revoked") + ", list version " + revoked.listVersion()));
            if (refusal.isPresent()) {
                return decisions;
            }
        }
        RequirementEvaluation evaluation = new RequirementEvaluation(
                new EvaluationContext(
                        subject,
                        new AskedSignatures(signatures),
                        keys,
                        policy.time().view(time),
                        revoked,
                        statements,
                        false),
                new BaseLayerEvaluation(bases, this::judge));
        for (PolicyRequirement requirement : selection.requirements()) {
            decisions.add(evaluation.decide(requirement));
        }
        if (decisions.stream().allMatch(RequirementDecision::allows)) {
            List<ImageReference> signedAs = decisions.stream()
                    .flatMap(decision -> decision.signers().stream())
                    .flatMap(signer -> signer.signedAs().stream())
                    .toList();
            policy.minimumVersions()
                    .decide(subject, signedAs, isSigned(decisions))
                    .ifPresent(decisions::add);
        }
        return decisions;
    }

    /** A base image by the scope of its own name; its own base is not looked for. */
    private List<RequirementDecision> judge(BaseImage base) throws IOException, PolicyException {
        ScopeLookup lookup = ScopeLookup.of(base.subject().name());
        Policy.Selection selection = policy.select(lookup.transport(), lookup.scopes());
        return judge(base.subject(), base.signatures(), selection, BaseImages.NONE);
    }

    void raiseFloor(List<RequirementDecision> accepted) throws PolicyException {
        Optional<Instant> issuedAt = policy.time().issuedAt();
        if (issuedAt.isPresent()) {
            try {
                time.raise(issuedAt.get(), "the policy's issuedAt");
            } catch (TimeRefusedException e) {
                throw new PolicyException("policy " + Quoted.text(policy.origin()) + ": " + e.getMessage(), e);
            }
        }
        for (RequirementDecision decision : accepted) {
            raiseToSignatures(decision);
        }
    }

    private void raiseToSignatures(RequirementDecision decision) {
        for (Signer signer : decision.signers()) {
            if (signer.signedAt().isPresent()) {
                try {
                    time.raise(signer.signedAt().get(), signer.description());
                } catch (TimeRefusedException e) {
                    // A witness who is wrong about the time: the floor stays, and the signature is what it is.
                }
            }
        }
        // Those of a composite are the signers that count, and so its own; those of a base image are the base's.
        decision.children().stream().filter(RequirementDecision::allows).forEach(this::raiseToSignatures);
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

    /** The wraps that decide about unsigned encrypted images ({@link Matrix#namedWraps}). */
    public Set<String> namedWraps() {
        return policy.matrix().namedWraps();
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

    private static boolean isSigned(List<RequirementDecision> met) {
        return met.stream().anyMatch(RequirementDecision::cryptographic);
    }
}
