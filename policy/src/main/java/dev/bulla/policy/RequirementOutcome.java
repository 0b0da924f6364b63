package dev.bulla.policy;

/** How a requirement decided. All but {@link #ALLOW} refuse the image. */
public enum RequirementOutcome {
    /** It is met. */
    ALLOW("allow"),
    /** It is not met. */
    DENY("deny"),
    /** It is not met, because something that it names (a key, a certificate, a base image's source) is not to be had. */
    UNREADABLE("unreadable");

    private final String id;

    RequirementOutcome(String id) {
        this.id = id;
    }

    /** The word in a decision's JSON. */
    public String id() {
        return id;
    }
}
