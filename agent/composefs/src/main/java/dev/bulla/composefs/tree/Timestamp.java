package dev.bulla.composefs.tree;

import java.util.Comparator;

/**
 * A file's time.
 *
 * @param seconds since 1970, negative before
 * @param nanos what is added to them; below 10^9 in any sane file system, but an image has 32 bits for it and a dump may
 *     fill them
 */
public record Timestamp(long seconds, long nanos) implements Comparable<Timestamp> {
    /** The start of 1970. */
    public static final Timestamp EPOCH = new Timestamp(0, 0);

    private static final Comparator<Timestamp> ORDER =
            Comparator.comparingLong(Timestamp::seconds).thenComparingLong(Timestamp::nanos);

    public Timestamp {
        if (nanos < 0 || nanos > 0xffff_ffffL) {
            throw new IllegalArgumentException("nanoseconds " + nanos + " are not of 32 bits");
        }
    }

    @Override
    public int compareTo(Timestamp other) {
        return ORDER.compare(this, other);
    }
}
