package dev.bulla.guest.export;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.InputStream;

/**
 * A layer of which the store keeps enough to make its tar again.
 *
 * @param diffId the digest of the tar
 * @param form how it is kept
 * @param size how many bytes the tar has, as the store says
 * @param content opens the tar
 */
public record StoredLayer(Digest diffId, Form form, long size, Content content) {

    /** How a layer's tar is kept. */
    public enum Form {
        /** As its splitstream. */
        FULL("full"),
        /** As its difference from the tree of an image. */
        DELTA("delta");

        private final String id;

        Form(String id) {
            this.id = id;
        }

        /** The name on the command line and in results. */
        public String id() {
            return id;
        }
    }

    /** Opens a tar. */
    @FunctionalInterface
    public interface Content {
        /** The tar's bytes, proven at their end and not before: another layer throws there. */
        InputStream open() throws IOException;
    }

    /** The tar's bytes, proven at their end and not before: another layer throws there. */
    public InputStream open() throws IOException {
        return content.open();
    }
}
