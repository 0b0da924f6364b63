package dev.bulla.policy;

/** The decision that an image may not run. {@link PolicyRejectedException} carries it. */
public final class RejectedDecision extends Decision {
    RejectedDecision(Findings findings) {
        super(findings);
    }

    @Override
    public String outcome() {
        return "reject";
    }

    /** What the first requirement that is not met says, else the matrix. */
    @Override
    public String reason() {
        return requirements().stream()
                .filter(requirement -> !requirement.allows())
                .findFirst()
                .map(requirement -> requirement.type() + ": " + requirement.reason())
                .or(() -> matrix().map(matrix -> "matrix: " + matrix.reason()))
                .orElseThrow();
    }
}
