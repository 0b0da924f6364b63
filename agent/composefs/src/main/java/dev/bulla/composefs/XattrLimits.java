package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;

/** How much of extended attributes composefs takes for one inode, before it adds its own. */
final class XattrLimits {
    /** The longest name, as the kernel has it. */
    static final int MAX_NAME = 255;

    /** What {@link #HEADER} and all entries may come to. */
    static final int MAX_TOTAL = 32767;

    /** What having any attribute costs. */
    static final int HEADER = 12;

    private static final int ENTRY_HEADER_AND_PADDING = 7;

    private XattrLimits() {}

    /** What an attribute costs at most, with its header and padding. */
    static long entry(ByteString name, ByteString value) {
        return (long) ENTRY_HEADER_AND_PADDING + name.length() + value.length();
    }
}
