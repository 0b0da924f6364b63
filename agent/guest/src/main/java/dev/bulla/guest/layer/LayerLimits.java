package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Quoted;
import java.util.EnumMap;
import java.util.Map;

/**
 * A value for every {@link LayerLimit}. Unchangeable; {@link #with} makes another.
 *
 * <p><b>Security.</b> Layers come from the adversary and are read before their digest has spoken. With these limits such a
 * layer costs bounded memory, disk and time, and ends in a {@link LayerLimitException} that names the limit.
 */
public final class LayerLimits {
    /** Room for any image that people run, and none for bombs. */
    public static final LayerLimits DEFAULTS = new LayerLimits(standards());

    private final Map<LayerLimit, Long> values;

    private LayerLimits(Map<LayerLimit, Long> values) {
        this.values = values;
    }

    private static Map<LayerLimit, Long> standards() {
        Map<LayerLimit, Long> values = new EnumMap<>(LayerLimit.class);
        for (LayerLimit limit : LayerLimit.values()) {
            values.put(limit, limit.standard());
        }
        return values;
    }

    /**
     * The standard limits, with no more memory for an image's trees than a heap of this size leaves, so that a layer of very
     * many entries is refused before memory runs out.
     *
     * @param maxHeapBytes {@link Runtime#maxMemory()}
     */
    public static LayerLimits forHeap(long maxHeapBytes) {
        long share = maxHeapBytes / 8 * 5;
        return DEFAULTS.with(LayerLimit.TREE_BYTES, Math.clamp(share, 1, LayerLimit.TREE_BYTES.standard()));
    }

    /** The largest value that is allowed. */
    public long get(LayerLimit limit) {
        return values.getOrDefault(limit, limit.standard());
    }

    /**
     * The same limits but for one.
     *
     * @throws IllegalArgumentException when the value is below 1 or above the limit's own maximum
     */
    public LayerLimits with(LayerLimit limit, long value) {
        if (value < 1 || value > limit.maximum()) {
            throw new IllegalArgumentException(
                    "limit " + limit.id() + " is " + value + ", expected 1 to " + limit.maximum());
        }
        Map<LayerLimit, Long> changed = new EnumMap<>(values);
        changed.put(limit, value);
        return new LayerLimits(changed);
    }

    void check(LayerLimit limit, long got, String where) throws LayerLimitException {
        if (got > get(limit)) {
            throw new LayerLimitException(limit, where, got, get(limit));
        }
    }

    void checkEntry(LayerLimit limit, long got, ByteString entry) throws LayerLimitException {
        if (got > get(limit)) {
            throw new LayerLimitException(limit, "layer entry " + Quoted.text(entry.toString()), got, get(limit));
        }
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
