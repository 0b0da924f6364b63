package dev.bulla.composefs.tree;

/**
 * What stands under a name in a directory: a directory, another inode, or one more name of an inode that stands elsewhere.
 *
 * <p>A node stands in one place. That it is the same object, not that it is equal, makes it the same inode.
 */
public sealed interface Node permits Directory, Leaf, HardLink {}
