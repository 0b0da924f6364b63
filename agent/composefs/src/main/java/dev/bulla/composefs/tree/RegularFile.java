package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

/**
 * A regular file.
 *
 * @param metadata owner, permissions, time, attributes
 * @param content its bytes, or the name of them
 * @param claims what is stated of it beyond the tree
 */
public record RegularFile(Metadata metadata, FileContent content, Claims claims) implements Leaf {
    public RegularFile {
        requireNonNull(metadata, "metadata is null");
        requireNonNull(content, "content is null");
        requireNonNull(claims, "claims is null");
    }

    public RegularFile(Metadata metadata, FileContent content) {
        this(metadata, content, Claims.NONE);
    }
}
