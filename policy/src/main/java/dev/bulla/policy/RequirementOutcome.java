package dev.bulla.policy;

/** How a requirement decided. All but {@link #ALLOW} refuse the image. */
public enum RequirementOutcome {
    /** It is met. */
    ALLOW("allow"),
    /** It is not met. */
    DENY("deny"),
    /** It is of a kind that is read but not evaluated yet, and so counts as not met. */
    NOT_EVALUATED("notEvaluated");

    private final String id;

    RequirementOutcome(String id) {
        this.id = id;
    }

    /** The word in a decision's JSON. */
    public String id() {
        return id;
    }
}
