package dev.bulla.composefs.tree;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a dump line states of an inode although the tree says it already, or says otherwise. Images are made of the
 * statement, because composefs does so and the image's digest is its identity.
 *
 * @param links the link count, 32 bits; empty: counted from the tree
 * @param size the size stated for an inode whose size is not that of its content, 64 bits unsigned: of a directory only
 *     dumps show it, of a device, FIFO or socket it decides whether the inode takes its long form; else 0
 */
public record Claims(OptionalLong links, long size) {
    /** Nothing is stated: the tree is the truth. */
    public static final Claims NONE = new Claims(OptionalLong.empty(), 0);

    /** Of one link to three, which nearly all inodes have. */
    private static final List<Claims> FEW = List.of(counted(0), counted(1), counted(2), counted(3));

    private static final long MAX_LINKS = 0xffff_ffffL;

    public Claims {
        if (links.isPresent() && (links.getAsLong() < 0 || links.getAsLong() > MAX_LINKS)) {
            throw new IllegalArgumentException("link count " + links.getAsLong() + " is not of 32 bits");
        }
    }

    /** A link count alone. */
    public static Claims ofLinks(long links) {
        return links >= 0 && links < FEW.size() ? FEW.get((int) links) : counted(links);
    }

    private static Claims counted(long links) {
        return new Claims(OptionalLong.of(links), 0);
    }
}
