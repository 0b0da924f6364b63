package dev.bulla.policy.libtrust;

import static java.util.Objects.requireNonNull;

/**
 * A line of a statement: bits that are given to somebody, or taken from him.
 *
 * @param subject the node that it is about, with everything below
 * @param bits which; {@link Permission}
 * @param grantee a key's id, or a node whose holders are meant
 */
public record Grant(String subject, int bits, String grantee) {
    public Grant {
        requireNonNull(subject, "subject is null");
        requireNonNull(grantee, "grantee is null");
        if (bits < 0 || bits > Permission.ALL) {
            throw new IllegalArgumentException("bits " + bits);
        }
    }

    /** What is left of it when bits of another are taken from it, where that is about it. */
    Grant without(Grant revocation) {
        boolean meant = NodeName.covers(revocation.subject, subject) && NodeName.covers(revocation.grantee, grantee);
        return meant ? new Grant(subject, bits & ~revocation.bits, grantee) : this;
    }

    /** {@code GRANTEE -> SUBJECT (BITS)}. */
    @Override
    public String toString() {
        return grantee + " -> " + subject + " (" + bits + ")";
    }
}
