package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The decision that an image may run. Only {@link PendingDecision#afterKeys} makes one.
 *
 * <p><b>Security.</b> It may rest on what the image turns out to be ({@link #requiredComposefs}): nothing of the image may become
 * visible before {@link #afterImage} has said yes to it.
 */
public final class AcceptedDecision extends Decision {
    private final Findings findings;
    private final Optional<RequiredComposefs> obligation;

    AcceptedDecision(Findings findings, Optional<RequiredComposefs> obligation) {
        super(findings);
        this.findings = findings;
        this.obligation = requireNonNull(obligation, "obligation is null");
    }

    @Override
    public String outcome() {
        return "accept";
    }

    @Override
    public String reason() {
        return requirements().stream().map(RequirementDecision::reason).collect(Collectors.joining("; "));
    }

    /** What the image must turn out to be; empty where its documents have decided. */
    public Optional<RequiredComposefs> requiredComposefs() {
        return obligation;
    }

    /**
     * Judges by the image that was made, before anything of it becomes visible.
     *
     * @param composefs its fs-verity digest: hash function and value
     * @return the decision that names it, without an obligation; this one where there was none
     * @throws PolicyRejectedException when it is none that is required
     */
    public AcceptedDecision afterImage(Digest composefs) throws PolicyRejectedException {
        if (obligation.isEmpty()) {
            return this;
        }
        MatrixDecision before = matrix().orElseThrow();
        boolean expected = obligation.get().digests().contains(composefs);
        Findings judged = findings.withMatrix(new MatrixDecision(
                before.cell(),
                expected,
                before.signed(),
                expected ? before.expected().or(() -> Optional.of(ExpectedBy.COMPOSEFS)) : Optional.empty(),
                expected
                        ? before.reason() + "; its files are an image that " + Expectation.WHERE + " lists"
                        : Expectation.WHERE + ": the image is none that is expected: got composefs " + composefs
                                + ", expected "
                                + ExpectedDigests.anyOf(obligation.get().digests())));
        if (!expected) {
            throw new PolicyRejectedException(new RejectedDecision(judged));
        }
        return new AcceptedDecision(judged, Optional.empty());
    }
}
