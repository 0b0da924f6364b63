package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import java.io.IOException;

/**
 * An attribute of an image to be written, once for all inodes that have it. Ordered as the table of shared attributes is:
 * names downwards, then longer values first, then values downwards.
 */
final class ImageXattr implements Comparable<ImageXattr> {
    private final ByteString name;
    private final ByteString value;
    private final XattrPrefix prefix;
    private int uses;
    private long sharedOffset = -1;

    ImageXattr(ByteString name, ByteString value) {
        this.name = name;
        this.value = value;
        this.prefix = XattrPrefix.ofName(name);
    }

    void countUse() {
        uses++;
    }

    /** Whether more inodes than one have it. */
    boolean isShared() {
        return uses > 1;
    }

    /** Where it stands in the shared table, in bytes. */
    long sharedOffset() {
        return sharedOffset;
    }

    void setSharedOffset(long offset) {
        sharedOffset = offset;
    }

    /** Its size in the image. */
    int size() {
        return ErofsFormat.xattrEntrySize(name.length() - prefix.length(), value.length());
    }

    /** The bit that says that an inode may have an attribute of this name. */
    int filterBit() {
        int seed = ErofsFormat.XATTR_FILTER_SEED + prefix.number();
        return 1 << (XxHash32.hash(name.toByteArray(), prefix.length(), seed) & 31);
    }

    void writeTo(LittleEndianOutput out) throws IOException {
        out.writeByte(name.length() - prefix.length());
        out.writeByte(prefix.number());
        out.writeShort(value.length());
        out.write(name.substring(prefix.length()));
        out.write(value);
        out.align(4);
    }

    @Override
    public int compareTo(ImageXattr other) {
        int byName = other.name.compareTo(name);
        if (byName != 0) {
            return byName;
        }
        int byLength = Integer.compare(other.value.length(), value.length());
        return byLength != 0 ? byLength : other.value.compareTo(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ImageXattr that && name.equals(that.name) && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + value.hashCode();
    }
}
