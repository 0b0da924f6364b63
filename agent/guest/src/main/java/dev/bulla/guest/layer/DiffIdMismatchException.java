package dev.bulla.guest.layer;

import dev.bulla.oci.Digest;

/** The uncompressed layer is another than the image's configuration names. */
public final class DiffIdMismatchException extends LayerException {
    private static final long serialVersionUID = 1L;

    private final transient Digest expected;
    private final transient Digest actual;

    DiffIdMismatchException(Digest expected, Digest actual) {
        super("layer's uncompressed bytes have the digest " + actual + ", expected the configuration's diff_id "
                + expected);
        this.expected = expected;
        this.actual = actual;
    }

    /** The configuration's diff_id. */
    public Digest expected() {
        return expected;
    }

    /** What the layer's bytes hash to. */
    public Digest actual() {
        return actual;
    }
}
