package dev.bulla.composefs;

import static dev.bulla.composefs.ErofsFormat.BLOCK_SIZE;

import dev.bulla.composefs.tree.Timestamp;
import java.util.List;

/**
 * Decides where everything stands: inodes one after the other, each followed by its attributes and the tail of its data,
 * then the shared attributes, then whole blocks of data. The rules are composefs's, to the byte.
 *
 * @param inodesEnd where the inodes end and the shared attributes start
 * @param dataStart where the blocks start
 * @param dataBlocks how many there are
 */
record ImageLayout(long inodesEnd, long dataStart, long dataBlocks) {
    /** A tail longer than this becomes a block of its own. */
    private static final int MAX_TAIL = BLOCK_SIZE / 2;

    /**
     * Sets the places of all inodes and shared attributes.
     *
     * @throws UnwritableTreeException when an inode has more shared attributes than V2 can count
     */
    static ImageLayout assign(ImageTree tree, List<ImageXattr> shared) throws UnwritableTreeException {
        boolean depthFirst = tree.version().isDepthFirst();
        long sharedSize = 0;
        for (ImageXattr xattr : shared) {
            xattr.setSharedOffset(sharedSize);
            sharedSize += xattr.size();
        }
        long position = ErofsFormat.SUPER_OFFSET + ErofsFormat.SUPER_SIZE;
        long blocks = 0;
        for (ImageInode inode : tree.inodes()) {
            List<ImageXattr> xattrs = tree.attributes().all(inode);
            position = ErofsFormat.roundUp(position, ErofsFormat.SLOT_SIZE);
            if (depthFirst) {
                setV2DataSize(inode);
                setXattrSize(inode, xattrs, ErofsFormat.MAX_V2_SHARED_XATTRS);
                requireCountable(xattrs);
                position = placeV2(inode, position);
            } else {
                setDataSize(inode);
                setXattrSize(inode, xattrs, ErofsFormat.MAX_SHARED_XATTRS);
                Timestamp mtime = inode.metadata.mtime();
                inode.compact = mtime.equals(tree.oldest()) && inode.hasSmallNumbers();
                position = inode.type == FileType.SYMLINK ? placeSymlink(inode, position) : place(inode, position);
            }
            inode.setPosition(position);
            position += inode.headerSize() + inode.xattrSize + inode.tail;
            blocks += inode.blocks;
        }
        long inodesEnd = ErofsFormat.roundUp(position, ErofsFormat.SLOT_SIZE);
        return new ImageLayout(inodesEnd, ErofsFormat.roundUp(inodesEnd + sharedSize, BLOCK_SIZE), blocks);
    }

    private static void setDataSize(ImageInode inode) {
        switch (inode.data) {
            case ImageInode.Data.Entries entries -> setDirectorySize(inode, entries);
            case ImageInode.Data.Target target -> inode.tail = target.path().length();
            case ImageInode.Data.Inline inline -> {
                inode.blocks = inline.bytes().length() / BLOCK_SIZE;
                setTail(inode, inline.bytes().length() % BLOCK_SIZE);
            }
            case ImageInode.Data.Chunks chunks ->
                inode.tail =
                        Math.toIntExact(ErofsFormat.chunks(chunks.content().size()) * ErofsFormat.CHUNK_ENTRY_SIZE);
            case ImageInode.Data.Device device -> {}
            case ImageInode.Data.Nothing nothing -> {}
        }
    }

    /** Small content stands behind its inode always, and of a larger file one hole where its digest is known. */
    private static void setV2DataSize(ImageInode inode) {
        switch (inode.data) {
            case ImageInode.Data.Entries entries -> setDirectorySize(inode, entries);
            case ImageInode.Data.Target target -> inode.tail = target.path().length();
            case ImageInode.Data.Inline inline -> inode.tail = inline.bytes().length();
            case ImageInode.Data.Chunks chunks ->
                inode.tail = chunks.content().digest().isPresent() ? ErofsFormat.CHUNK_ENTRY_SIZE : 0;
            case ImageInode.Data.Device device -> {}
            case ImageInode.Data.Nothing nothing -> {}
        }
    }

    private static void setDirectorySize(ImageInode inode, ImageInode.Data.Entries entries) {
        int used = 0;
        for (int i = 0; i < entries.count(); i++) {
            int size = ErofsFormat.DIRENT_SIZE + entries.name(i).length();
            if (used + size > BLOCK_SIZE) {
                inode.blocks++;
                used = 0;
            }
            used += size;
        }
        setTail(inode, used);
    }

    private static void setTail(ImageInode inode, int size) {
        if (size > MAX_TAIL) {
            inode.blocks++;
        } else {
            inode.tail = size;
        }
    }

    private static void setXattrSize(ImageInode inode, List<ImageXattr> xattrs, int mostShared) {
        if (xattrs.isEmpty()) {
            return;
        }
        int size = ErofsFormat.XATTR_BODY_HEADER_SIZE;
        for (ImageXattr xattr : xattrs) {
            if (xattr.isShared() && inode.sharedXattrs < mostShared) {
                inode.sharedXattrs++;
                size += 4;
            } else {
                size += xattr.size();
            }
        }
        inode.xattrSize = size;
    }

    private static void requireCountable(List<ImageXattr> xattrs) throws UnwritableTreeException {
        if (xattrs.size() > ErofsFormat.MAX_V2_SHARED_XATTRS) {
            long count = xattrs.stream().filter(ImageXattr::isShared).count();
            if (count > ErofsFormat.MAX_V2_SHARED_XATTRS) {
                throw new UnwritableTreeException("an inode with " + count
                        + " xattrs that others have too, limit of V2 " + ErofsFormat.MAX_V2_SHARED_XATTRS);
            }
        }
    }

    /** A link's inode and target stand in one block, or the target has a block of its own. */
    private static long placeSymlink(ImageInode inode, long position) {
        long total = (long) inode.headerSize() + inode.xattrSize + inode.tail;
        boolean crosses = position / BLOCK_SIZE != (position + total - 1) / BLOCK_SIZE;
        if (total >= BLOCK_SIZE) {
            inode.blocks = 1;
            inode.tail = 0;
        }
        return crosses ? ErofsFormat.roundUp(position, BLOCK_SIZE) : position;
    }

    /** A tail stands in one block; where it would not, the inode moves on. */
    private static long place(ImageInode inode, long position) {
        long head = (long) inode.headerSize() + inode.xattrSize;
        long room = BLOCK_SIZE - (position + head) % BLOCK_SIZE;
        if (room >= inode.tail) {
            return position;
        }
        long moved = position + ErofsFormat.roundUp(room, ErofsFormat.SLOT_SIZE);
        if (inode.tail <= BLOCK_SIZE - (moved + head) % BLOCK_SIZE) {
            return moved;
        }
        inode.blocks++;
        inode.tail = 0;
        return ErofsFormat.roundUp(position, BLOCK_SIZE);
    }

    /** A tail and the byte after it stand in the block where the attributes end; where they would not, the inode moves on. */
    private static long placeV2(ImageInode inode, long position) {
        if (inode.tail == 0 || inode.data instanceof ImageInode.Data.Chunks) {
            return position;
        }
        long tailStart = position + inode.headerSize() + inode.xattrSize;
        long before = tailStart - 1;
        if (before / BLOCK_SIZE == (tailStart + inode.tail) / BLOCK_SIZE) {
            return position;
        }
        return ErofsFormat.roundUp(position + BLOCK_SIZE - before % BLOCK_SIZE, ErofsFormat.SLOT_SIZE);
    }
}
