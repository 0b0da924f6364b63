package dev.bulla.guest.layer;

import java.util.concurrent.atomic.AtomicLong;

/** What the layers of one image have used up together, whichever threads unpack them. */
final class LayerBudget {
    /** What an entry takes beside its names: in its layer's tree, in the merged tree, in their tables. Measured: 300. */
    static final int ENTRY_BYTES = 300;

    /** What a file in the store takes beside: its digest, twice, and its place in staging. Measured: 270. */
    static final int OBJECT_BYTES = 300;

    /** What an extended attribute takes beside its name and value. */
    static final int XATTR_BYTES = 150;

    private final LayerLimits limits;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong tree = new AtomicLong();

    LayerBudget(LayerLimits limits) {
        this.limits = limits;
    }

    void addBytes(long more) throws LayerLimitException {
        limits.check(LayerLimit.IMAGE_BYTES, bytes.addAndGet(more), "layers of the image");
    }

    void addEntry() throws LayerLimitException {
        limits.check(LayerLimit.IMAGE_ENTRIES, entries.incrementAndGet(), "layers of the image");
    }

    void addTree(long more) throws LayerLimitException {
        limits.check(LayerLimit.TREE_BYTES, tree.addAndGet(more), "trees of the image's layers in memory");
    }
}
