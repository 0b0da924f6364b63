package dev.bulla.composefs;

import static dev.bulla.composefs.ErofsFormat.BLOCK_SIZE;

import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Timestamp;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Writes a tree as a composefs image: a read-only EROFS file system that overlayfs mounts over an object store. Byte for
 * byte what composefs's own {@code mkcomposefs} writes, so that the image's digest names the tree everywhere.
 *
 * <p>A first pass decides where everything stands, a second writes it in order; memory grows with the number of inodes and
 * their attributes, not with the image.
 *
 * <p>Follows the EROFS on-disk format of the Linux kernel's documentation, and composefs's choices within it.
 */
public final class ErofsImageWriter {
    private static final int NO_CHUNK = -1;
    private static final int EXTENDED = 1;

    private final ImageTree tree;
    private final FormatVersion version;
    private final List<ImageXattr> shared;
    private final ImageLayout layout;
    private final LittleEndianOutput out;
    private long nextBlock;

    private ErofsImageWriter(ImageTree tree, OutputStream out) throws UnwritableTreeException {
        this.tree = tree;
        this.version = tree.version();
        this.shared = tree.attributes().shared();
        this.layout = ImageLayout.assign(tree, shared);
        this.out = new LittleEndianOutput(out);
        this.nextBlock = layout.dataStart() / BLOCK_SIZE;
    }

    /**
     * Writes the image and flushes; does not close. The tree is not changed.
     *
     * @throws UnwritableTreeException before the first byte, when the tree holds what an image has no room for
     */
    public static void write(Directory root, FormatVersion version, OutputStream out) throws IOException {
        ErofsImageWriter writer = new ErofsImageWriter(ImageTree.of(root, version), out);
        writer.header();
        writer.superBlock();
        long number = 0;
        for (ImageInode inode : writer.tree.inodes()) {
            writer.inode(inode, number++);
        }
        writer.out.zerosTo(writer.layout.inodesEnd());
        for (ImageXattr xattr : writer.shared) {
            xattr.writeTo(writer.out);
        }
        writer.out.zerosTo(writer.layout.dataStart());
        for (ImageInode inode : writer.tree.inodes()) {
            writer.blocks(inode);
        }
        writer.out.flush();
    }

    private void header() throws IOException {
        out.writeInt(ErofsFormat.COMPOSEFS_MAGIC);
        out.writeInt(ErofsFormat.COMPOSEFS_HEADER_VERSION);
        out.writeInt(tree.attributes().hasAcl() ? ErofsFormat.FLAG_HAS_ACL : 0);
        out.writeInt(version.number());
        out.zerosTo(ErofsFormat.SUPER_OFFSET);
    }

    private void superBlock() throws IOException {
        out.writeInt(ErofsFormat.SUPER_MAGIC);
        out.writeInt(0); // no checksum
        out.writeInt(ErofsFormat.FEATURE_COMPAT_MTIME | ErofsFormat.FEATURE_COMPAT_XATTR_FILTER);
        out.writeByte(ErofsFormat.BLOCK_BITS);
        out.writeByte(0); // no extension slots
        out.writeShort((int) tree.inodes().getFirst().number());
        out.writeLong(tree.inodes().size());
        Timestamp oldest = version.isDepthFirst() ? Timestamp.EPOCH : tree.oldest();
        out.writeLong(oldest.seconds());
        out.writeInt(oldest.nanos());
        out.writeInt(layout.dataStart() / BLOCK_SIZE + layout.dataBlocks());
        out.writeInt(0); // metadata starts in the first block
        out.writeInt(version.isDepthFirst() ? 0 : layout.inodesEnd() / BLOCK_SIZE); // of shared attributes
        out.zerosTo(ErofsFormat.SUPER_OFFSET + ErofsFormat.SUPER_SIZE); // the rest is not used
    }

    /**
     * Writes an inode with what stands behind it.
     *
     * @param index its place in the order of inodes
     */
    private void inode(ImageInode inode, long index) throws IOException {
        long number = version.isDepthFirst() ? inode.number() : index;
        out.zerosTo(inode.position());
        boolean chunked = inode.data instanceof ImageInode.Data.Chunks;
        int dataLayout = inode.tail > 0 ? ErofsFormat.LAYOUT_FLAT_INLINE : ErofsFormat.LAYOUT_FLAT_PLAIN;
        dataLayout = chunked ? ErofsFormat.LAYOUT_CHUNK_BASED : dataLayout;
        out.writeShort(dataLayout << 1 | (inode.compact ? 0 : EXTENDED));
        out.writeShort(inode.xattrSize == 0 ? 0 : (inode.xattrSize - ErofsFormat.XATTR_BODY_HEADER_SIZE) / 4 + 1);
        out.writeShort(inode.mode());
        if (inode.compact) {
            out.writeShort((int) inode.links());
            out.writeInt(inode.size());
            out.writeInt(0);
            out.writeInt(union(inode));
            out.writeInt(number);
            out.writeShort((int) inode.metadata.uid());
            out.writeShort((int) inode.metadata.gid());
            out.writeInt(0);
        } else {
            out.writeShort(0);
            out.writeLong(inode.size());
            out.writeInt(union(inode));
            out.writeInt(number);
            out.writeInt(inode.metadata.uid());
            out.writeInt(inode.metadata.gid());
            out.writeLong(inode.metadata.mtime().seconds());
            out.writeInt(version.isDepthFirst() ? 0 : inode.metadata.mtime().nanos());
            out.writeInt(inode.links());
            out.fill(0, 16);
        }
        xattrs(inode);
        tail(inode);
    }

    /** The field that is a device number, a block address or a chunk's size, by the inode's type. */
    private long union(ImageInode inode) {
        if (inode.data instanceof ImageInode.Data.Device device) {
            return device.rdev();
        }
        long address = 0;
        if (inode.blocks > 0) {
            address = nextBlock;
            nextBlock += inode.blocks;
        }
        if (inode.data instanceof ImageInode.Data.Chunks chunks) {
            if (version.isDepthFirst()) {
                return ErofsFormat.V2_CHUNK_FORMAT;
            }
            // The format stands in the low half; composefs leaves the high half of an address there, where there is
            // one.
            return (address & 0xffff_0000L)
                    | (ErofsFormat.chunkBits(chunks.content().size()) - ErofsFormat.BLOCK_BITS);
        }
        return address;
    }

    private void xattrs(ImageInode inode) throws IOException {
        if (inode.xattrSize == 0) {
            return;
        }
        List<ImageXattr> xattrs = tree.attributes().all(inode);
        int filter = 0;
        for (ImageXattr xattr : xattrs) {
            filter |= xattr.filterBit();
        }
        out.writeInt(~filter);
        out.writeByte(inode.sharedXattrs);
        out.fill(0, 7);
        // V2 counts from the image's start, the others from the block in which the inodes end.
        long base = version.isDepthFirst() ? layout.inodesEnd() : layout.inodesEnd() % BLOCK_SIZE;
        int left = inode.sharedXattrs;
        for (ImageXattr xattr : xattrs) {
            if (xattr.isShared() && left > 0) {
                left--;
                out.writeInt((base + xattr.sharedOffset()) / 4);
            }
        }
        left = inode.sharedXattrs;
        for (ImageXattr xattr : xattrs) {
            if (xattr.isShared() && left > 0) {
                left--;
            } else {
                xattr.writeTo(out);
            }
        }
    }

    private void tail(ImageInode inode) throws IOException {
        if (inode.tail == 0) {
            return;
        }
        switch (inode.data) {
            case ImageInode.Data.Entries entries -> entries(inode, entries, true);
            case ImageInode.Data.Target target -> out.write(target.path());
            case ImageInode.Data.Inline inline ->
                out.write(inline.bytes(), inline.bytes().length() - inode.tail);
            case ImageInode.Data.Chunks chunks -> {
                out.fill(NO_CHUNK, inode.tail);
            }
            case ImageInode.Data.Device device -> {}
            case ImageInode.Data.Nothing nothing -> {}
        }
    }

    private void blocks(ImageInode inode) throws IOException {
        if (inode.blocks == 0) {
            return;
        }
        switch (inode.data) {
            case ImageInode.Data.Entries entries -> entries(inode, entries, false);
            case ImageInode.Data.Target target -> out.write(target.path());
            case ImageInode.Data.Inline inline ->
                out.write(inline.bytes().substring(0, inline.bytes().length() - inode.tail));
            case ImageInode.Data.Chunks chunks -> {
                out.fill(NO_CHUNK, ErofsFormat.MAX_CHUNKS * ErofsFormat.CHUNK_ENTRY_SIZE);
            }
            case ImageInode.Data.Device device -> {}
            case ImageInode.Data.Nothing nothing -> {}
        }
        out.align(BLOCK_SIZE);
    }

    /** Writes the whole blocks of a directory, or what is in its tail. */
    private void entries(ImageInode inode, ImageInode.Data.Entries entries, boolean tail) throws IOException {
        int block = 0;
        int first = 0;
        int used = 0;
        for (int i = 0; i < entries.count(); i++) {
            int size = ErofsFormat.DIRENT_SIZE + entries.name(i).length();
            if (used + size > BLOCK_SIZE) {
                if (!tail) {
                    entries(entries, first, i);
                    out.align(BLOCK_SIZE);
                }
                block++;
                first = i;
                used = 0;
            }
            used += size;
        }
        if (tail == (block == inode.blocks)) {
            entries(entries, first, entries.count());
        }
    }

    private void entries(ImageInode.Data.Entries entries, int from, int to) throws IOException {
        int nameOffset = (to - from) * ErofsFormat.DIRENT_SIZE;
        for (int i = from; i < to; i++) {
            out.writeLong(entries.inode(i).number());
            out.writeShort(nameOffset);
            out.writeByte(entries.inode(i).type.direntType());
            out.writeByte(0);
            nameOffset += entries.name(i).length();
        }
        for (int i = from; i < to; i++) {
            out.write(entries.name(i));
        }
    }
}
