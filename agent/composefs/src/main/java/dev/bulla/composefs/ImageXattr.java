package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.FileContent;
import java.io.IOException;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** An attribute of an image to be written, once for all inodes that have it. */
final class ImageXattr {
    /** The order of the table of shared attributes: names downwards, then longer values first, then values downwards. */
    private static final Comparator<ImageXattr> DOWNWARDS = Comparator.comparing((ImageXattr xattr) -> xattr.name)
            .thenComparingInt(xattr -> xattr.value().length())
            .thenComparing(ImageXattr::value)
            .reversed();

    /** The order of V2's table: as the image has name and value, the prefix by its number. */
    private static final Comparator<ImageXattr> UPWARDS = Comparator.comparingInt(
                    (ImageXattr xattr) -> xattr.prefix.number())
            .thenComparing(xattr -> xattr.name.substring(xattr.prefix.length()))
            .thenComparing(ImageXattr::value);

    private final ByteString name;
    /** Null where {@link #content} says it: an image has two such attributes for nearly every file. */
    private final @Nullable ByteString value;

    private final FileContent.@Nullable External content;
    private final XattrPrefix prefix;
    private final int filterBit;
    private int uses;
    private long sharedOffset = -1;

    ImageXattr(ByteString name, ByteString value, FormatVersion version) {
        this.name = name;
        this.value = value;
        this.content = null;
        this.prefix = XattrPrefix.ofName(name, version);
        this.filterBit = filterBit(name, prefix);
    }

    private ImageXattr(ByteString name, int filterBit, FileContent.External content) {
        this.name = name;
        this.value = null;
        this.content = content;
        this.prefix = XattrPrefix.TRUSTED;
        this.filterBit = filterBit;
    }

    /** The attribute that says what a file's bytes measure. */
    static ImageXattr metacopy(FileContent.External content) {
        return new ImageXattr(OverlayXattrs.METACOPY, METACOPY_BIT, content);
    }

    /** The attribute that says where a file's bytes are. */
    static ImageXattr redirect(FileContent.External content) {
        return new ImageXattr(OverlayXattrs.REDIRECT, REDIRECT_BIT, content);
    }

    private static final int METACOPY_BIT = filterBit(OverlayXattrs.METACOPY, XattrPrefix.TRUSTED);
    private static final int REDIRECT_BIT = filterBit(OverlayXattrs.REDIRECT, XattrPrefix.TRUSTED);

    /** The order of the table of shared attributes. */
    static Comparator<ImageXattr> tableOrder(FormatVersion version) {
        return version.isDepthFirst() ? UPWARDS : DOWNWARDS;
    }

    ByteString name() {
        return name;
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

    private int valueLength() {
        return value != null || content == null ? value().length() : OverlayXattrs.contentValueLength(name, content);
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
        return ErofsFormat.xattrEntrySize(name.length() - prefix.length(), valueLength());
    }

    /** The bit that says that an inode may have an attribute of this name. */
    int filterBit() {
        return filterBit;
    }

    private static int filterBit(ByteString name, XattrPrefix prefix) {
        int seed = ErofsFormat.XATTR_FILTER_SEED + prefix.number();
        return 1 << (XxHash32.hash(name.toByteArray(), prefix.length(), seed) & 31);
    }

    void writeTo(LittleEndianOutput out) throws IOException {
        ByteString bytes = value();
        out.writeByte(name.length() - prefix.length());
        out.writeByte(prefix.number());
        out.writeShort(bytes.length());
        out.write(name, prefix.length());
        out.write(bytes);
        out.align(4);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ImageXattr that && name.equals(that.name) && value().equals(that.value());
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + value().hashCode();
    }
}
