package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;

/** Thrown when policy refuses an image; carries the whole decision, for the tenant and not for the host. */
public final class PolicyRejectedException extends PolicyException {
    private static final long serialVersionUID = 1L;

    private final transient RejectedDecision decision;

    PolicyRejectedException(RejectedDecision decision) {
        super("image " + Quoted.text(decision.image()) + " is refused by policy " + Quoted.text(decision.policy())
                + ", scope " + Quoted.text(decision.scope()) + ": " + decision.reason());
        this.decision = requireNonNull(decision, "decision is null");
    }

    /** What was looked at, and why it did not suffice. */
    public RejectedDecision decision() {
        return decision;
    }
}
