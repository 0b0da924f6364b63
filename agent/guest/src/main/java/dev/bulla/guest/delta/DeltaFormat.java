package dev.bulla.guest.delta;

import dev.bulla.composefs.tree.ByteString;

/**
 * What delta writer and reader agree on (docs/store.md, "The original tar").
 *
 * <p>{@link #MAGIC}, the prefix of names as length and bytes, then instructions to {@link #END}. Numbers are LEB128, unsigned;
 * those that may be negative are zigzag.
 */
final class DeltaFormat {
    /** Ends with the version. */
    static final ByteString MAGIC = ByteString.utf8("bulla-tar-delta 1\n");

    /** Zeros, as many as the number says, end the archive. */
    static final int END = 0;

    /** The next nodes of the tree, as many as the number says, stand in the archive, with the changes in force. */
    static final int ENTRIES = 1;

    /** Goes on with a node that is so many before or behind the next one. */
    static final int SEEK = 2;

    /** Changes to the headers of a type, for this and all entries to come: type, count, and each offset, length, bytes. */
    static final int CHANGES = 3;

    /** Headers that the next node has before its own, in place of the canonical ones: length, bytes. */
    static final int EXTENSION = 4;

    /** Bytes of the archive: length, bytes. */
    static final int BYTES = 5;

    /** An object's bytes: size, and the object as a part of its own. */
    static final int OBJECT = 6;

    /** The longest prefix of names. */
    static final int MAX_PREFIX = 2;

    /** The most bytes of one extension: a few headers of the largest size that a pull takes. */
    static final int MAX_EXTENSION = 4 << 20;

    private DeltaFormat() {}
}
