package dev.bulla.policy;

/** How a requirement decided. */
public enum RequirementOutcome {
    /** It is met. */
    ALLOW("allow"),
    /** It is not met. */
    DENY("deny");

    private final String id;

    RequirementOutcome(String id) {
        this.id = id;
    }

    /** The word in a decision's JSON. */
    public String id() {
        return id;
    }
}
