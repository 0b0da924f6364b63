package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

/**
 * A socket.
 *
 * @param metadata owner, permissions, time, attributes
 * @param claims what is stated of it beyond the tree
 */
public record Socket(Metadata metadata, Claims claims) implements Leaf {
    public Socket {
        requireNonNull(metadata, "metadata is null");
        requireNonNull(claims, "claims is null");
    }

    public Socket(Metadata metadata) {
        this(metadata, Claims.NONE);
    }
}
