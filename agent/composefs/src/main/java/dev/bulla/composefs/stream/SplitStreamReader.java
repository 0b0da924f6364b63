package dev.bulla.composefs.stream;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.OpenFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream, part by part, under either header.
 *
 * <p>Used by one thread. Closing it closes its file.
 *
 * <p><b>Security.</b> Everything in the file may be hostile: ranges, counts and lengths are checked against the file's size
 * and the limits before anything is allocated or read by them, the body is decompressed as it is asked for with a bounded
 * window, and there are no more parts than the stream has bytes. Nothing is followed: an object is given as a digest. What
 * the parts come to is nobody's claim but the file's; whoever needs it compares a digest of the whole.
 */
public final class SplitStreamReader implements Closeable {
    /** A run of inline bytes is given in pieces of at most this many. */
    static final int MAX_PIECE = 1 << 16;

    private final ByteSource source;
    private final VerityAlgorithm algorithm;
    private final SplitStreamLimits limits;
    private final SplitStreamHeader header;
    private final SortedMap<String, VerityDigest> named;
    private final List<VerityDigest> objects;
    private final ZstdSection body;
    private final byte[] number = new byte[Long.BYTES];
    private long runLeft;
    private long inlineBytes;
    private int parts;
    private boolean anyExternal;
    private boolean ended;

    private SplitStreamReader(ByteSource source, VerityAlgorithm algorithm, SplitStreamLimits limits)
            throws IOException {
        this.source = source;
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        this.limits = requireNonNull(limits, "limits is null");
        this.header = SplitStreamHeader.read(source, algorithm);
        if (header.size() > limits.size()) {
            throw new SplitStreamException("size " + header.size() + ", limit " + limits.size());
        }
        List<VerityDigest> streams = digests(header.streamReferences(), "stream references", limits);
        this.objects = digests(header.objectReferences(), "object references", limits);
        this.named = Collections.unmodifiableSortedMap(
                NamedReferences.read(source, header.names(), streams, limits.names()));
        this.body = new ZstdSection(source, header.body(), "body");
    }

    /**
     * Reads header, references and names.
     *
     * @param file the stream's file, which is closed with the reader, and when it is refused
     * @param algorithm the one its references must be of
     * @throws SplitStreamException when it is not a splitstream within the limits
     */
    public static SplitStreamReader open(OpenFile file, VerityAlgorithm algorithm, SplitStreamLimits limits)
            throws IOException {
        try {
            return new SplitStreamReader(ByteSource.of(file), algorithm, limits);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Reads header, references and names.
     *
     * @param file the bytes of the stream's file
     * @param algorithm the one its references must be of
     * @throws SplitStreamException when it is not a splitstream within the limits
     */
    public static SplitStreamReader open(byte[] file, VerityAlgorithm algorithm, SplitStreamLimits limits)
            throws IOException {
        return new SplitStreamReader(ByteSource.of(file), algorithm, limits);
    }

    private List<VerityDigest> digests(FileRange range, String what, SplitStreamLimits limits) throws IOException {
        int length = algorithm.length();
        long count = range.length() / length;
        if (range.length() % length != 0) {
            throw new SplitStreamException(what + " of " + range.length() + " bytes, expected a multiple of " + length);
        }
        if (count > limits.references()) {
            throw new SplitStreamException(what + ": " + count + ", limit " + limits.references());
        }
        return new DigestList(algorithm, source.read(range));
    }

    /** What the header says the stream holds. */
    public ContentType contentType() {
        return header.contentType();
    }

    /** How many bytes the header says the stream comes to. */
    public long size() {
        return header.size();
    }

    /** Other streams and images, by the names that this stream has for them. */
    public SortedMap<String, VerityDigest> namedReferences() {
        return named;
    }

    /** The objects that the header lists. */
    public List<VerityDigest> objectReferences() {
        return objects;
    }

    /**
     * The next part.
     *
     * @return null at the end
     * @throws SplitStreamException when the body is malformed, or its inline bytes are not what the header's size leaves
     */
    public @Nullable Part next() throws IOException {
        if (ended) {
            return null;
        }
        if (runLeft > 0) {
            return piece();
        }
        if (!readNumber()) {
            ended = true;
            requireSize();
            return null;
        }
        // Each part but an empty object has a byte of its own.
        if (parts > header.size()) {
            throw new SplitStreamException("body: more parts than its " + header.size() + " bytes");
        }
        // Each costs an open file, and next to no byte of this one.
        if (parts == limits.parts()) {
            throw new SplitStreamException("body: more parts than the limit " + limits.parts());
        }
        parts++;
        long value = ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (value >= 0) {
            if (value >= objects.size()) {
                throw new SplitStreamException(
                        "body: object " + value + " of " + objects.size() + " object references");
            }
            anyExternal = true;
            return new Part.External(objects.get((int) value));
        }
        long left = header.size() - inlineBytes;
        if (value == Long.MIN_VALUE || -value > left) {
            throw new SplitStreamException(
                    "body: a run of " + Long.toUnsignedString(-value) + " bytes, at most " + left + " are left");
        }
        runLeft = -value;
        return piece();
    }

    private Part piece() throws IOException {
        byte[] bytes = new byte[(int) Math.min(runLeft, MAX_PIECE)];
        int got = body.read(bytes, 0, bytes.length);
        if (got < 0) {
            throw new SplitStreamException("body: ends " + runLeft + " bytes before the end of a run");
        }
        runLeft -= got;
        inlineBytes += got;
        return new Part.Inline(got == bytes.length ? bytes : Arrays.copyOf(bytes, got));
    }

    /** Reads a part's eight bytes; false when the body ends before them. */
    private boolean readNumber() throws IOException {
        int have = 0;
        while (have < number.length) {
            int got = body.read(number, have, number.length - have);
            if (got < 0) {
                if (have > 0) {
                    throw new SplitStreamException("body: ends in the middle of a part's length");
                }
                return false;
            }
            have += got;
        }
        return true;
    }

    private void requireSize() throws SplitStreamException {
        if (!anyExternal && inlineBytes != header.size()) {
            throw new SplitStreamException("body: " + inlineBytes + " bytes, the header says " + header.size());
        }
    }

    @Override
    public void close() {
        body.close();
        source.close();
    }

    /** Digests that stay the bytes they were read as. */
    private static final class DigestList extends AbstractList<VerityDigest> {
        private final VerityAlgorithm algorithm;
        private final byte[] bytes;

        DigestList(VerityAlgorithm algorithm, byte[] bytes) {
            this.algorithm = algorithm;
            this.bytes = bytes;
        }

        @Override
        public VerityDigest get(int index) {
            int start = index * algorithm.length();
            if (index < 0 || index >= size()) {
                throw new IndexOutOfBoundsException(index);
            }
            return VerityDigest.fromBytes(algorithm, Arrays.copyOfRange(bytes, start, start + algorithm.length()));
        }

        @Override
        public int size() {
            return bytes.length / algorithm.length();
        }
    }
}
