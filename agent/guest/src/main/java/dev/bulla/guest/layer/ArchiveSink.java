package dev.bulla.guest.layer;

import dev.bulla.composefs.VerityDigest;
import java.io.IOException;

/**
 * Hears the uncompressed archive of a layer while it is read: every byte of it, once and in order, either as itself or as an
 * object that holds a file's body.
 *
 * <p><b>Security.</b> What it hears is unverified until the layer has been read to its end and its diff_id agreed.
 */
public interface ArchiveSink {
    /** Hears nothing. */
    ArchiveSink NONE = new ArchiveSink() {
        @Override
        public void inline(byte[] bytes, int offset, int length) {}

        @Override
        public void external(VerityDigest object, long length) {}
    };

    /** Bytes of the archive that are no object: headers, padding, small bodies, the end; valid until the call returns. */
    void inline(byte[] bytes, int offset, int length) throws IOException;

    /**
     * A file's body of more than {@link LayerUnpacker#INLINE_BYTES} bytes.
     *
     * @param object the digest of the object that holds it
     * @param length its length in bytes
     */
    void external(VerityDigest object, long length) throws IOException;
}
