package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

/**
 * One more name of an inode. The inode itself stands once, under its first name, somewhere in the same tree.
 *
 * @param target the inode: that very object
 */
public record HardLink(Leaf target) implements Node {
    public HardLink {
        requireNonNull(target, "target is null");
    }
}
