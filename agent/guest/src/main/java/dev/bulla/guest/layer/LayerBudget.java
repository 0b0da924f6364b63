package dev.bulla.guest.layer;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the layers of one image have used up together, whichever threads unpack them. */
final class LayerBudget {
    /** What an entry takes beside its names: in its layer's tree, in the merged tree, in their tables. Measured: 300. */
    static final int ENTRY_BYTES = 300;

    /** What a file in the store takes beside: its digest, twice, and its place in staging. Measured: 270. */
    static final int OBJECT_BYTES = 300;

    /** What an extended attribute takes beside its name and value. */
    static final int XATTR_BYTES = 150;

    private final LayerLimits limits;
    private final @Nullable LayerBudget whole;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong tree = new AtomicLong();

    LayerBudget(LayerLimits limits) {
        this(limits, null);
    }

    private LayerBudget(LayerLimits limits, @Nullable LayerBudget whole) {
        this.limits = limits;
        this.whole = whole;
    }

    /** What one layer uses up of this; it can be given back. */
    LayerBudget ofOneLayer() {
        return new LayerBudget(limits, this);
    }

    void addBytes(long more) throws LayerLimitException {
        limits.check(LayerLimit.IMAGE_BYTES, bytes.addAndGet(more), "layers of the image");
        if (whole != null) {
            whole.addBytes(more);
        }
    }

    void addEntry() throws LayerLimitException {
        limits.check(LayerLimit.IMAGE_ENTRIES, entries.incrementAndGet(), "layers of the image");
        if (whole != null) {
            whole.addEntry();
        }
    }

    void addTree(long more) throws LayerLimitException {
        limits.check(LayerLimit.TREE_BYTES, tree.addAndGet(more), "trees of the image's layers in memory");
        if (whole != null) {
            whole.addTree(more);
        }
    }

    /** Takes back what the layer has used up: it was refused, and may be read again from elsewhere. */
    void giveBack() {
        if (whole != null) {
            whole.bytes.addAndGet(-bytes.getAndSet(0));
            whole.entries.addAndGet(-entries.getAndSet(0));
            whole.tree.addAndGet(-tree.getAndSet(0));
        }
    }
}
