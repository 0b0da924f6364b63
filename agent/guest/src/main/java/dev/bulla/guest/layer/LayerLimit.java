package dev.bulla.guest.layer;

/**
 * What bounds a layer or the layers of an image, each with the value that {@link LayerLimits#DEFAULTS} gives it.
 *
 * <p>A value is the largest that is allowed; one more is refused.
 */
public enum LayerLimit {
    /** Tar entries of one layer, whiteouts included. */
    LAYER_ENTRIES("layer-entries", "entries", 1_000_000, Integer.MAX_VALUE),
    /** Tar entries of all layers of an image. */
    IMAGE_ENTRIES("image-entries", "entries", 2_000_000, Integer.MAX_VALUE),
    /** Bytes of one component of a path; Linux has no room for more than 255. */
    NAME_BYTES("name-bytes", "bytes", 255, 255),
    /** Bytes of an entry's path or of a hard link's target as the archive spells it; Linux opens 4095 at once. */
    PATH_BYTES("path-bytes", "bytes", 4096, 65_536),
    /** Folders above one another, the entry itself counted. */
    DEPTH("depth", "levels", 256, 1024),
    /** Bytes of one PAX header or GNU long name. */
    HEADER_BYTES("header-bytes", "bytes", 1 << 20, 1 << 24),
    /** Records in one PAX header. */
    HEADER_RECORDS("header-records", "records", 4096, 1 << 20),
    /**
     * Bytes of an inode's extended attributes: names, values and 7 bytes for each. An image has room for 32,755; the rest is
     * left to the attributes that composefs adds.
     */
    XATTR_BYTES("xattr-bytes", "bytes", 32_000, 32_000),
    /**
     * Bytes of memory that the trees of an image take: names, link targets, extended attributes, small files, and an estimate
     * for each entry and each file in the store. {@link LayerLimits#forHeap} makes it fit the heap.
     */
    TREE_BYTES("tree-bytes", "bytes", 512L << 20, Long.MAX_VALUE),
    /** Uncompressed bytes of one layer. */
    LAYER_BYTES("layer-bytes", "bytes", 64L << 30, Long.MAX_VALUE),
    /** Uncompressed bytes of all layers of an image. */
    IMAGE_BYTES("image-bytes", "bytes", 128L << 30, Long.MAX_VALUE),
    /** Uncompressed bytes of a layer a compressed byte, once the layer is larger than {@link #EXPANSION_FREE_BYTES}. */
    EXPANSION_RATIO("expansion-ratio", "times its compressed size", 200, Integer.MAX_VALUE),
    /** Uncompressed bytes that a layer may have whatever its compressed size: a file of zeros is no attack yet. */
    EXPANSION_FREE_BYTES("expansion-free-bytes", "bytes", 1L << 30, Long.MAX_VALUE);

    private final String id;
    private final String unit;
    private final long standard;
    private final long maximum;

    LayerLimit(String id, String unit, long standard, long maximum) {
        this.id = id;
        this.unit = unit;
        this.standard = standard;
        this.maximum = maximum;
    }

    /** The limit's name in messages and configuration. */
    public String id() {
        return id;
    }

    /** What is counted. */
    String unit() {
        return unit;
    }

    /** The value that {@link LayerLimits#DEFAULTS} has. */
    public long standard() {
        return standard;
    }

    /** The largest value that it can be set to. */
    public long maximum() {
        return maximum;
    }
}
