package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

/**
 * A device. A character device with number 0 is what overlayfs takes for a whiteout.
 *
 * @param metadata owner, permissions, time, attributes
 * @param kind character or block
 * @param rdev the device number as {@code stat} gives it; an image has 32 bits for it
 * @param claims what is stated of it beyond the tree
 */
public record DeviceNode(Metadata metadata, Kind kind, long rdev, Claims claims) implements Leaf {
    /** The two kinds of device. */
    public enum Kind {
        CHARACTER,
        BLOCK
    }

    private static final long MAX_RDEV = 0xffff_ffffL;

    public DeviceNode {
        requireNonNull(metadata, "metadata is null");
        requireNonNull(kind, "kind is null");
        requireNonNull(claims, "claims is null");
        if (rdev < 0 || rdev > MAX_RDEV) {
            throw new IllegalArgumentException("device number " + rdev + " is not of 32 bits");
        }
    }

    public DeviceNode(Metadata metadata, Kind kind, long rdev) {
        this(metadata, kind, rdev, Claims.NONE);
    }

    /** Whether overlayfs reads it as "nothing is here". */
    public boolean isWhiteout() {
        return kind == Kind.CHARACTER && rdev == 0;
    }
}
