package dev.bulla.policy;

import java.util.stream.Collectors;

/** The decision that an image may run. Only {@link PendingDecision#afterKeys} makes one. */
public final class AcceptedDecision extends Decision {
    AcceptedDecision(Findings findings) {
        super(findings);
    }

    @Override
    public String outcome() {
        return "accept";
    }

    @Override
    public String reason() {
        return requirements().stream().map(RequirementDecision::reason).collect(Collectors.joining("; "));
    }
}
