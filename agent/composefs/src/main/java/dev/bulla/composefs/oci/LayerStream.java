package dev.bulla.composefs.oci;

import static java.util.Objects.checkFromIndexSize;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.VerifiedInput;
import dev.bulla.composefs.stream.Part;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer's tar, put together again from its stream and its objects.
 *
 * <p><b>Security.</b> Its bytes are proven at its end and not before: {@link #read(byte[], int, int)} returns -1 only when
 * all bytes together have the layer's diff_id, and throws a {@link BrokenStreamException} otherwise. Objects are measured
 * when they are opened, or hashed as they are read.
 */
public final class LayerStream extends InputStream {
    /** How far back {@link #objectAt} knows. */
    private static final long MEMORY = 1 << 20;

    /** Where in the tar an object stands. */
    private record Span(VerityDigest object, long start, long length) {}

    private final ObjectStore store;
    private final String contentId;
    private final Digest diffId;
    private final SplitStreamReader parts;
    private final MessageDigest hash;
    private byte[] inline = new byte[0];
    private int inlineAt;
    private @Nullable VerifiedInput object;
    private long objectStart;
    private final Deque<Span> spans = new ArrayDeque<>();
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

    /**
     * The object that is exactly a range of the tar, if one is. It counts when the stream has been read to its end: there, or
     * before, whatever is not what its digest says has thrown.
     *
     * @param offset the range's first byte, which is among the last megabyte that was read; none before one that was asked for
     * @param length how many bytes the range has
     */
    public Optional<VerityDigest> objectAt(long offset, long length) {
        while (!spans.isEmpty() && spans.getFirst().start < offset) {
            spans.removeFirst();
        }
        return spans.isEmpty() || spans.getFirst().start != offset || spans.getFirst().length != length
                ? Optional.empty()
                : Optional.of(spans.getFirst().object);
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
        VerifiedInput from = object;
        if (from != null) {
            int got = from.read(into, offset, length);
            if (got < 0) {
                object = null;
                from.close();
                if (read - objectStart != from.size()) {
                    throw new BrokenStreamException(contentId, "an object changed its size while it was read");
                }
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
            case Part.External part -> {
                VerifiedInput opened = open(part.object());
                object = opened;
                objectStart = read;
                remember(new Span(part.object(), read, opened.size()));
            }
        }
    }

    private void remember(Span span) {
        while (!spans.isEmpty() && spans.getFirst().start < read - MEMORY) {
            spans.removeFirst();
        }
        if (span.length > 0) {
            spans.addLast(span);
        }
    }

    private VerifiedInput open(VerityDigest digest) throws IOException {
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
            VerifiedInput open = object;
            object = null;
            if (open != null) {
                open.close();
            }
        }
    }
}
