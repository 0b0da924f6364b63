package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

/**
 * A FIFO.
 *
 * @param metadata owner, permissions, time, attributes
 * @param claims what is stated of it beyond the tree
 */
public record Fifo(Metadata metadata, Claims claims) implements Leaf {
    public Fifo {
        requireNonNull(metadata, "metadata is null");
        requireNonNull(claims, "claims is null");
    }

    public Fifo(Metadata metadata) {
        this(metadata, Claims.NONE);
    }
}
