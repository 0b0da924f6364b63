package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;

/** An inode of an image to be written: what it says, and where it is to stand. Small, for an image has as many as files. */
final class ImageInode {
    private static final long MAX_16 = 0xffff;
    private static final long MAX_32 = 0xffff_ffffL;

    /** What an inode holds beyond its metadata. */
    sealed interface Data {
        /** Names and inodes, in order. */
        final class Entries implements Data {
            private final ByteString[] names;
            private final ImageInode[] inodes;

            Entries(int count) {
                names = new ByteString[count];
                inodes = new ImageInode[count];
            }

            int count() {
                return names.length;
            }

            ByteString name(int index) {
                return names[index];
            }

            ImageInode inode(int index) {
                return inodes[index];
            }

            void setName(int index, ByteString name) {
                names[index] = name;
            }

            void setInode(int index, ImageInode inode) {
                inodes[index] = inode;
            }
        }

        /** A symbolic link's target. */
        record Target(ByteString path) implements Data {}

        /** A small file's bytes. */
        record Inline(ByteString bytes) implements Data {}

        /** The holes that a larger file is in the image. */
        record Chunks(FileContent.External content) implements Data {}

        /** A device's number. */
        record Device(long rdev) implements Data {}

        /** Nothing. */
        record Nothing() implements Data {}
    }

    final FileType type;
    final Metadata metadata;
    final Data data;

    /** The tree's own in the image's order, without those that say where a file's bytes are. */
    final ImageXattr[] xattrs;

    private final int links;

    /** Whether the size that decides on the short form is of 32 bits; not of directories. */
    private final boolean smallSize;

    // Where it is to stand; see ImageLayout.
    boolean compact;
    short sharedXattrs;
    int xattrSize;
    int blocks;
    int tail;

    /** Where it starts, as its number: in units of {@link ErofsFormat#SLOT_SIZE}, unsigned. */
    private int slot;

    /**
     * @param statedSize the size that decides on the short form; not of directories
     */
    ImageInode(FileType type, Metadata metadata, long links, long statedSize, Data data, ImageXattr[] xattrs) {
        this.type = type;
        this.metadata = metadata;
        this.links = (int) links;
        this.smallSize = Long.compareUnsigned(statedSize, MAX_32) <= 0;
        this.data = data;
        this.xattrs = xattrs;
    }

    /** The link count, 32 bits. */
    long links() {
        return links & MAX_32;
    }

    long number() {
        return slot & MAX_32;
    }

    long position() {
        return number() * ErofsFormat.SLOT_SIZE;
    }

    void setPosition(long position) {
        long number = position / ErofsFormat.SLOT_SIZE;
        if (number > MAX_32) {
            throw new IllegalStateException("inodes past " + MAX_32 + " slots");
        }
        slot = (int) number;
    }

    int mode() {
        return type.modeBits() | metadata.permissions();
    }

    int headerSize() {
        return compact ? ErofsFormat.INODE_COMPACT_SIZE : ErofsFormat.INODE_EXTENDED_SIZE;
    }

    /** What the image states as its size. */
    long size() {
        return switch (data) {
            case Data.Entries entries -> (long) blocks * ErofsFormat.BLOCK_SIZE + tail;
            case Data.Target target -> target.path().length();
            case Data.Inline inline -> inline.bytes().length();
            case Data.Chunks chunks -> chunks.content().size();
            case Data.Device device -> 0;
            case Data.Nothing nothing -> 0;
        };
    }

    /** Whether the short form has room for it all but the time. */
    boolean hasSmallNumbers() {
        return links() <= MAX_16
                && metadata.uid() <= MAX_16
                && metadata.gid() <= MAX_16
                && (type == FileType.DIRECTORY ? size() <= MAX_32 : smallSize);
    }
}
