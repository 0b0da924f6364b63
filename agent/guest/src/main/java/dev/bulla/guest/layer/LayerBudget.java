package dev.bulla.guest.layer;

import java.util.concurrent.atomic.AtomicLong;

/** What the layers of one image have used up together, whichever threads unpack them. */
final class LayerBudget {
    private final LayerLimits limits;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong metadata = new AtomicLong();

    LayerBudget(LayerLimits limits) {
        this.limits = limits;
    }

    void addBytes(long more) throws LayerLimitException {
        limits.check(LayerLimit.IMAGE_BYTES, bytes.addAndGet(more), "layers of the image");
    }

    void addEntry() throws LayerLimitException {
        limits.check(LayerLimit.IMAGE_ENTRIES, entries.incrementAndGet(), "layers of the image");
    }

    void addMetadata(long more) throws LayerLimitException {
        limits.check(LayerLimit.METADATA_BYTES, metadata.addAndGet(more), "names and attributes of the image");
    }
}
