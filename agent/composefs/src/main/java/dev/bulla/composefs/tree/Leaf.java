package dev.bulla.composefs.tree;

/** An inode that is no directory, and so can have several names: the one where it stands, and each {@link HardLink} to it. */
public sealed interface Leaf extends Node permits RegularFile, Symlink, DeviceNode, Fifo, Socket {
    /** Owner, permissions, time, attributes. */
    Metadata metadata();

    /** What a dump or an image states beyond the tree. */
    Claims claims();
}
