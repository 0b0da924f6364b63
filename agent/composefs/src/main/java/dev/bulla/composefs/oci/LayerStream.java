package dev.bulla.composefs.oci;

import static java.util.Objects.checkFromIndexSize;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.stream.Part;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A layer's tar, put together again from its stream and its objects.
 *
 * <p><b>Security.</b> Its bytes are proven at its end and not before: {@link #read(byte[], int, int)} returns -1 only when
 * all bytes together have the layer's diff_id, and throws a {@link BrokenStreamException} otherwise. Objects are measured
 * when they are opened, or hashed as they are read.
 */
public final class LayerStream extends InputStream {
    private final ObjectStore store;
    private final String contentId;
    private final Digest diffId;
    private final SplitStreamReader parts;
    private final MessageDigest hash;
    private byte[] inline = new byte[0];
    private int inlineAt;
    private @Nullable InputStream object;
    private long read;
    private boolean ended;

    LayerStream(ObjectStore store, String contentId, Digest diffId, SplitStreamReader parts) {
        this.store = store;
        this.contentId = contentId;
        this.diffId = diffId;
        this.parts = parts;
        this.hash = diffId.algorithm().newMessageDigest();
    }

    /** How many bytes the stream says the tar has; fewer or more are refused. */
    public long size() {
        return parts.size();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Reads some bytes.
     *
     * @return how many; -1 at the end of a layer that is the one it is called
     * @throws BrokenStreamException at the end of any other
     */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            int got = readPart(into, offset, length);
            if (got > 0) {
                read += got;
                if (read > parts.size()) {
                    throw new BrokenStreamException(contentId, "more bytes than the " + parts.size() + " it says");
                }
                hash.update(into, offset, got);
                return got;
            }
            nextPart();
        }
        return -1;
    }

    /** Some bytes of the part that is being read; 0 when it has no more. */
    private int readPart(byte[] into, int offset, int length) throws IOException {
        InputStream from = object;
        if (from != null) {
            int got = from.read(into, offset, length);
            if (got < 0) {
                object = null;
                from.close();
                return 0;
            }
            return got;
        }
        int got = Math.min(length, inline.length - inlineAt);
        System.arraycopy(inline, inlineAt, into, offset, got);
        inlineAt += got;
        return got;
    }

    private void nextPart() throws IOException {
        @Nullable Part next;
        try {
            next = parts.next();
        } catch (SplitStreamException e) {
            throw new BrokenStreamException(contentId, e.getMessage(), e);
        }
        switch (next) {
            case null -> end();
            case Part.Inline part -> {
                inline = part.bytes();
                inlineAt = 0;
            }
            case Part.External part -> object = open(part.object());
        }
    }

    private InputStream open(VerityDigest digest) throws IOException {
        return store.stream(digest)
                .orElseThrow(() -> new BrokenStreamException(contentId, "object " + digest + " is not in the store"));
    }

    private void end() throws BrokenStreamException {
        if (read != parts.size()) {
            throw new BrokenStreamException(contentId, read + " bytes, it says " + parts.size());
        }
        Digest got = diffId.algorithm().fromBytes(hash.digest());
        if (!got.equals(diffId)) {
            throw new BrokenStreamException(contentId, "got digest " + got + ", expected " + diffId);
        }
        ended = true;
    }

    @Override
    public void close() throws IOException {
        try (parts) {
            InputStream open = object;
            object = null;
            if (open != null) {
                open.close();
            }
        }
    }
}
