package dev.bulla.policy.libtrust;

/**
 * What a key may do with a node. A grant has a bit for the node that it names and one for everything below:
 * {@code 1} read the node, {@code 2} write it, {@code 4} read below, {@code 8} write below.
 */
public enum Permission {
    /** May vouch that the node is to be read. */
    READ("read", 1, 4),
    /** May sign what is under the node's name. */
    WRITE("write", 2, 8);

    /** All bits that there are. */
    static final int ALL = 15;

    private final String key;
    private final int node;
    private final int below;

    Permission(String key, int node, int below) {
        this.key = key;
        this.node = node;
        this.below = below;
    }

    /** The word in a policy. */
    public String key() {
        return key;
    }

    /** Whether a grant on {@code subject} with these bits gives it for the name: below the subject both bits are needed. */
    boolean granted(int bits, String subject, String name) {
        int asked = name.equals(subject) ? node : node | below;
        return NodeName.covers(subject, name) && (bits & asked) == asked;
    }
}
