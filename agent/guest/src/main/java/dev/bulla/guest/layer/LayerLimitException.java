package dev.bulla.guest.layer;

/** A layer, or the layers of an image together, exceed a {@link LayerLimit}. */
public final class LayerLimitException extends LayerException {
    private static final long serialVersionUID = 1L;

    private final LayerLimit limit;

    LayerLimitException(LayerLimit limit, String where, long got, long allowed) {
        super(where + ": " + got + " " + limit.unit() + ", at most " + allowed + " allowed (limit " + limit.id() + ")");
        this.limit = limit;
    }

    /** Which limit. */
    public LayerLimit limit() {
        return limit;
    }
}
