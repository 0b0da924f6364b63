package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.FileContent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An attribute of an image to be written, once for all inodes that have it. Ordered as the table of shared attributes is:
 * names downwards, then longer values first, then values downwards.
 */
final class ImageXattr implements Comparable<ImageXattr> {
    private final ByteString name;
    /** Null where {@link #content} says it: an image has two such attributes for nearly every file. */
    private final @Nullable ByteString value;

    private final FileContent.@Nullable External content;
    private final XattrPrefix prefix;
    private int uses;
    private long sharedOffset = -1;

    ImageXattr(ByteString name, ByteString value) {
        this.name = name;
        this.value = value;
        this.content = null;
        this.prefix = XattrPrefix.ofName(name);
    }

    /** One of the attributes that say where a file's bytes are and what they measure. */
    ImageXattr(ByteString name, FileContent.External content) {
        this.name = name;
        this.value = null;
        this.content = content;
        this.prefix = XattrPrefix.ofName(name);
    }

    private ByteString value() {
        if (value != null) {
            return value;
        }
        if (content == null) {
            throw new IllegalStateException("an attribute without a value");
        }
        return OverlayXattrs.contentValue(name, content);
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
        return ErofsFormat.xattrEntrySize(name.length() - prefix.length(), value().length());
    }

    /** The bit that says that an inode may have an attribute of this name. */
    int filterBit() {
        int seed = ErofsFormat.XATTR_FILTER_SEED + prefix.number();
        return 1 << (XxHash32.hash(name.toByteArray(), prefix.length(), seed) & 31);
    }

    void writeTo(LittleEndianOutput out) throws IOException {
        ByteString bytes = value();
        out.writeByte(name.length() - prefix.length());
        out.writeByte(prefix.number());
        out.writeShort(bytes.length());
        out.write(name.substring(prefix.length()));
        out.write(bytes);
        out.align(4);
    }

    @Override
    public int compareTo(ImageXattr other) {
        int byName = other.name.compareTo(name);
        if (byName != 0) {
            return byName;
        }
        ByteString mine = value();
        ByteString others = other.value();
        int byLength = Integer.compare(others.length(), mine.length());
        return byLength != 0 ? byLength : others.compareTo(mine);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ImageXattr that && name.equals(that.name) && value().equals(that.value());
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + value().hashCode();
    }
}
