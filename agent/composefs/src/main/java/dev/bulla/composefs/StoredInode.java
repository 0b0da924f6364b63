package dev.bulla.composefs;

import dev.bulla.composefs.tree.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/**
 * An inode as it stands in an image.
 *
 * @param position where it starts
 * @param serial its place in the order of the image's inodes, which is breadth first by name; in V2 its number
 * @param headerSize how long it is without what follows
 * @param layout where its data is
 * @param type the type in its mode
 * @param permissions the mode's low twelve bits
 * @param size the size it states, not negative
 * @param union a device number, a block address or a chunk's format, by type and layout
 * @param xattrSize how long its attributes are
 */
record StoredInode(
        long position,
        long serial,
        int headerSize,
        int layout,
        FileType type,
        int permissions,
        long size,
        long union,
        long uid,
        long gid,
        Timestamp mtime,
        long links,
        int xattrSize) {
    private static final long LOW_32 = 0xffff_ffffL;
    private static final int KNOWN_FORMAT = 0xf;

    static StoredInode read(ImageBytes image, ImageHeader header, long number) throws IOException {
        if (number < 0 || number > image.size() / ErofsFormat.SLOT_SIZE) {
            throw new ImageFormatException("inode " + Long.toUnsignedString(number) + ": past the image's end");
        }
        long position = number * ErofsFormat.SLOT_SIZE;
        String what = "inode " + number;
        ByteBuffer start = image.read(position, ErofsFormat.INODE_COMPACT_SIZE, what);
        int format = start.getShort(0) & 0xffff;
        boolean compact = (format & 1) == 0;
        int count = start.getShort(2) & 0xffff;
        int xattrSize =
                count == 0 ? 0 : ErofsFormat.XATTR_BODY_HEADER_SIZE + (count - 1) * ErofsFormat.XATTR_ENTRY_SIZE;
        int mode = start.getShort(4) & 0xffff;
        Optional<FileType> type = FileType.ofMode(mode);
        if (type.isEmpty() || (format & ~KNOWN_FORMAT) != 0) {
            throw new ImageFormatException(
                    String.format(Locale.ROOT, "%s: unknown mode 0%o or format 0x%x", what, mode, format));
        }
        if (compact && header.version().isDepthFirst()) {
            throw new ImageFormatException(what + ": in the short form, which V2 has not");
        }
        StoredInode inode;
        if (compact) {
            inode = new StoredInode(
                    position,
                    start.getInt(20) & LOW_32,
                    ErofsFormat.INODE_COMPACT_SIZE,
                    format >> 1,
                    type.get(),
                    mode & 07777,
                    start.getInt(8) & LOW_32,
                    start.getInt(16) & LOW_32,
                    start.getShort(24) & 0xffff,
                    start.getShort(26) & 0xffff,
                    header.oldest(),
                    start.getShort(6) & 0xffff,
                    xattrSize);
        } else {
            ByteBuffer rest = image.read(position + ErofsFormat.INODE_COMPACT_SIZE, 32, what);
            inode = new StoredInode(
                    position,
                    start.getInt(20) & LOW_32,
                    ErofsFormat.INODE_EXTENDED_SIZE,
                    format >> 1,
                    type.get(),
                    mode & 07777,
                    start.getLong(8),
                    start.getInt(16) & LOW_32,
                    start.getInt(24) & LOW_32,
                    start.getInt(28) & LOW_32,
                    new Timestamp(rest.getLong(0), rest.getInt(8) & LOW_32),
                    rest.getInt(12) & LOW_32,
                    xattrSize);
        }
        if (header.version().isDepthFirst() && inode.serial != number) {
            throw new ImageFormatException(what + ": serial number " + inode.serial + ", expected its own in V2");
        }
        if (inode.size < 0) {
            throw new ImageFormatException(what + ": size " + Long.toUnsignedString(inode.size) + " is too large");
        }
        return inode;
    }

    long number() {
        return position / ErofsFormat.SLOT_SIZE;
    }

    ImageFormatException refuse(String why) {
        return new ImageFormatException("inode " + number() + ": " + why);
    }

    boolean isFlat() {
        return layout == ErofsFormat.LAYOUT_FLAT_PLAIN || layout == ErofsFormat.LAYOUT_FLAT_INLINE;
    }

    /** How many pieces the data has: blocks, the last perhaps a tail behind the inode. */
    long pieces() throws ImageFormatException {
        if (!isFlat()) {
            throw refuse("data layout " + layout + ", expected flat");
        }
        return ErofsFormat.roundUp(size, ErofsFormat.BLOCK_SIZE) / ErofsFormat.BLOCK_SIZE;
    }

    /** A piece of the data. */
    ByteBuffer piece(ImageBytes image, long index) throws IOException {
        long before = index * ErofsFormat.BLOCK_SIZE;
        int length = (int) Math.min(ErofsFormat.BLOCK_SIZE, size - before);
        if (layout == ErofsFormat.LAYOUT_FLAT_PLAIN || index < pieces() - 1) {
            return image.read(union * ErofsFormat.BLOCK_SIZE + before, length, "data of inode " + number());
        }
        long start = position + headerSize + xattrSize;
        if (start / ErofsFormat.BLOCK_SIZE != (start + length - 1) / ErofsFormat.BLOCK_SIZE) {
            throw refuse("its tail crosses a block");
        }
        return image.read(start, length, "tail of inode " + number());
    }

    /** All the data. */
    byte[] data(ImageBytes image, int limit) throws IOException {
        if (size > limit) {
            throw refuse("data of " + size + " bytes, limit " + limit);
        }
        ByteArrayOutputStream data = new ByteArrayOutputStream((int) size);
        for (long i = 0; i < pieces(); i++) {
            data.writeBytes(piece(image, i).array());
        }
        return data.toByteArray();
    }
}
