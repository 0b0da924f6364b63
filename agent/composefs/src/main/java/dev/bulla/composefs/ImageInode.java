package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Metadata;
import java.util.List;

/** An inode of an image to be written: what it says, and where it is to stand. */
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
        record Chunks(long fileSize) implements Data {}

        /** A device's number. */
        record Device(long rdev) implements Data {}

        /** Nothing. */
        record Nothing() implements Data {}
    }

    final FileType type;
    final Metadata metadata;
    final long links;
    final Data data;

    /** By name, upwards. */
    final List<ImageXattr> xattrs;

    /** The size that decides on the short form; not of directories. */
    private final long statedSize;

    // Where it is to stand; see ImageLayout.
    boolean compact;
    int sharedXattrs;
    int xattrSize;
    long position;
    int blocks;
    int tail;

    ImageInode(FileType type, Metadata metadata, long links, long statedSize, Data data, List<ImageXattr> xattrs) {
        this.type = type;
        this.metadata = metadata;
        this.links = links;
        this.statedSize = statedSize;
        this.data = data;
        this.xattrs = xattrs;
    }

    long number() {
        return position / ErofsFormat.SLOT_SIZE;
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
            case Data.Chunks chunks -> chunks.fileSize();
            case Data.Device device -> 0;
            case Data.Nothing nothing -> 0;
        };
    }

    /** Whether the short form has room for it all but the time. */
    boolean hasSmallNumbers() {
        long size = type == FileType.DIRECTORY ? size() : statedSize;
        return links <= MAX_16
                && metadata.uid() <= MAX_16
                && metadata.gid() <= MAX_16
                && Long.compareUnsigned(size, MAX_32) <= 0;
    }
}
