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

    /** Sets the places of all inodes and shared attributes. */
    static ImageLayout assign(ImageTree tree, List<ImageXattr> shared) {
        long sharedSize = 0;
        for (ImageXattr xattr : shared) {
            xattr.setSharedOffset(sharedSize);
            sharedSize += xattr.size();
        }
        long position = ErofsFormat.SUPER_OFFSET + ErofsFormat.SUPER_SIZE;
        long blocks = 0;
        for (ImageInode inode : tree.inodes()) {
            setDataSize(inode);
            setXattrSize(inode);
            Timestamp mtime = inode.metadata.mtime();
            inode.compact = mtime.equals(tree.oldest()) && inode.hasSmallNumbers();
            position = ErofsFormat.roundUp(position, ErofsFormat.SLOT_SIZE);
            position = inode.type == FileType.SYMLINK ? placeSymlink(inode, position) : place(inode, position);
            inode.position = position;
            position += inode.headerSize() + inode.xattrSize + inode.tail;
            blocks += inode.blocks;
        }
        long inodesEnd = ErofsFormat.roundUp(position, ErofsFormat.SLOT_SIZE);
        return new ImageLayout(inodesEnd, ErofsFormat.roundUp(inodesEnd + sharedSize, BLOCK_SIZE), blocks);
    }

    private static void setDataSize(ImageInode inode) {
        switch (inode.data) {
            case ImageInode.Data.Entries entries -> {
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
            case ImageInode.Data.Target target -> inode.tail = target.path().length();
            case ImageInode.Data.Inline inline -> {
                inode.blocks = inline.bytes().length() / BLOCK_SIZE;
                setTail(inode, inline.bytes().length() % BLOCK_SIZE);
            }
            case ImageInode.Data.Chunks chunks ->
                inode.tail = Math.toIntExact(ErofsFormat.chunks(chunks.fileSize()) * ErofsFormat.CHUNK_ENTRY_SIZE);
            case ImageInode.Data.Device device -> {}
            case ImageInode.Data.Nothing nothing -> {}
        }
    }

    private static void setTail(ImageInode inode, int size) {
        if (size > MAX_TAIL) {
            inode.blocks++;
        } else {
            inode.tail = size;
        }
    }

    private static void setXattrSize(ImageInode inode) {
        if (inode.xattrs.isEmpty()) {
            return;
        }
        int size = ErofsFormat.XATTR_BODY_HEADER_SIZE;
        for (ImageXattr xattr : inode.xattrs) {
            if (xattr.isShared() && inode.sharedXattrs < ErofsFormat.MAX_SHARED_XATTRS) {
                inode.sharedXattrs++;
                size += 4;
            } else {
                size += xattr.size();
            }
        }
        inode.xattrSize = size;
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
}
