package dev.bulla.guest.export;

import static java.util.Objects.requireNonNullElse;

import dev.bulla.oci.Digest;
import java.io.IOException;

/** What the store keeps of a layer does not make the layer. */
public final class BrokenLayerException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenLayerException(Digest diffId, String problem) {
        super("layer " + diffId + ": " + problem);
    }

    BrokenLayerException(Digest diffId, String problem, Throwable cause) {
        super("layer " + diffId + ": " + problem, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
