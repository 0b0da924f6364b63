package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;

/** The numbers of an EROFS image as composefs uses it. All in it is little-endian. */
final class ErofsFormat {
    static final int BLOCK_BITS = 12;
    static final int BLOCK_SIZE = 1 << BLOCK_BITS;

    /** An inode starts at a multiple of this, and its number is that multiple. */
    static final int SLOT_SIZE = 32;

    static final int COMPOSEFS_MAGIC = 0xd078629a;
    static final int COMPOSEFS_HEADER_VERSION = 1;
    static final int FLAG_HAS_ACL = 1;

    static final int SUPER_OFFSET = 1024;
    static final int SUPER_SIZE = 128;
    static final int SUPER_MAGIC = 0xe0f5e1e2;
    static final int FEATURE_COMPAT_MTIME = 2;
    static final int FEATURE_COMPAT_XATTR_FILTER = 4;

    static final int INODE_COMPACT_SIZE = 32;
    static final int INODE_EXTENDED_SIZE = 64;
    static final int LAYOUT_FLAT_PLAIN = 0;
    static final int LAYOUT_FLAT_INLINE = 2;
    static final int LAYOUT_CHUNK_BASED = 4;

    static final int DIRENT_SIZE = 12;
    static final int XATTR_ENTRY_SIZE = 4;
    static final int XATTR_BODY_HEADER_SIZE = 12;
    static final int CHUNK_ENTRY_SIZE = 4;
    static final int MAX_CHUNKS = 1024;

    /** The most attributes of an inode that stand in the shared table. */
    static final int MAX_SHARED_XATTRS = 128;

    /** The most that V2 has room for: its count is a byte, and it moves none of them back to the inode. */
    static final int MAX_V2_SHARED_XATTRS = 255;

    /** The longest inline content of V2, in bytes. */
    static final int MAX_V2_INLINE = 512;

    /** The longest target of a symbolic link of V2, in bytes. */
    static final int MAX_V2_TARGET = 1024;

    /** The chunk format of every file of V2, whatever its size: one chunk as large as can be. */
    static final int V2_CHUNK_FORMAT = 31;

    static final int XATTR_FILTER_SEED = 0x25bbe08f;

    static final ByteString DOT = ByteString.utf8(".");
    static final ByteString DOT_DOT = ByteString.utf8("..");

    /** How many empty character devices the root gets, so that no object store's folder shows through. */
    static final int STUBS = 256;

    private ErofsFormat() {}

    static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }

    /** The size of an attribute in the image, with its header and padding. */
    static int xattrEntrySize(int suffixLength, int valueLength) {
        return (int) roundUp(XATTR_ENTRY_SIZE + suffixLength + valueLength, 4);
    }

    /** The base-2 logarithm of a chunk's size in a file of this size. */
    static int chunkBits(long fileSize) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(fileSize - 1);
        return Math.clamp(bits, BLOCK_BITS, BLOCK_BITS + 31);
    }

    /** How many chunks a file of this size has. */
    static long chunks(long fileSize) {
        return ((fileSize - 1) >> chunkBits(fileSize)) + 1;
    }
}
