package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

/**
 * A symbolic link.
 *
 * @param metadata owner, permissions, time, attributes
 * @param target where it points, 1 to {@link #MAX_TARGET} bytes without NUL
 * @param claims what is stated of it beyond the tree
 */
public record Symlink(Metadata metadata, ByteString target, Claims claims) implements Leaf {
    /** The longest target that Linux has room for. */
    public static final int MAX_TARGET = 4095;

    public Symlink {
        requireNonNull(metadata, "metadata is null");
        requireNonNull(claims, "claims is null");
        if (target.isEmpty() || target.length() > MAX_TARGET || target.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    "symlink target of " + target.length() + " bytes, expected 1 to " + MAX_TARGET + " without NUL");
        }
    }

    public Symlink(Metadata metadata, ByteString target) {
        this(metadata, target, Claims.NONE);
    }
}
