package dev.bulla.guest.layer;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The uncompressed layer as the tar reader takes it: whole blocks and bodies out of one buffer, every byte hashed for the
 * diff_id and counted against the limits as it enters, and told to the sink as it is taken, but for the bodies that are
 * handed on.
 */
final class LayerBytes implements ArchiveBytes {
    static final int BLOCK = 512;
    static final int BUFFER_BYTES = 256 * 1024;

    private final DecompressedStream in;
    private final Optional<DiffIdHash> hash;
    private final LayerLimits limits;
    private final LayerBudget budget;
    private final ArchiveSink sink;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int end;
    private long total;
    private boolean atEnd;

    /**
     * @param hash what every byte goes to; empty where the stream hashes them itself, and throws at its end
     */
    LayerBytes(
            DecompressedStream in,
            Optional<DiffIdHash> hash,
            LayerLimits limits,
            LayerBudget budget,
            ArchiveSink sink) {
        this.in = in;
        this.hash = hash;
        this.limits = limits;
        this.budget = budget;
        this.sink = sink;
    }

    @Override
    public long offset() {
        return total - (end - position);
    }

    /** How many bytes the layer had so far, buffered ones included. */
    long total() {
        return total;
    }

    @Override
    public byte[] buffer() {
        return buffer;
    }

    @Override
    public int block() throws IOException {
        while (end - position < BLOCK && fill()) {
            // as many reads as it takes
        }
        if (position == end) {
            return -1;
        }
        if (end - position < BLOCK) {
            throw new ArchiveFormatException(
                    offset(), "ends after " + (end - position) + " bytes of a block of " + BLOCK);
        }
        int at = position;
        take(BLOCK);
        return at;
    }

    @Override
    public byte[] bytes(int length, long header) throws IOException {
        byte[] taken = new byte[length];
        int have = 0;
        while (have < length) {
            int part = available(length - have, header);
            System.arraycopy(buffer, position, taken, have, part);
            take(part);
            have += part;
        }
        return taken;
    }

    @Override
    public void transferTo(OutputStream out, long length, long header) throws IOException {
        long left = length;
        while (left > 0) {
            int part = available(left, header);
            out.write(buffer, position, part);
            position += part;
            left -= part;
        }
    }

    @Override
    public void skip(long length, long header) throws IOException {
        long left = length;
        while (left > 0) {
            int part = available(left, header);
            take(part);
            left -= part;
        }
    }

    /** Where the body begins of the entry whose header stands at {@code header}; its first byte has been read. */
    long bodyOffset(long header) throws IOException {
        available(1, header);
        return offset();
    }

    @Override
    public void skipPadding(int length) throws IOException {
        int left = length;
        while (left > 0 && (position < end || fill())) {
            int part = Math.min(left, end - position);
            take(part);
            left -= part;
        }
    }

    @Override
    public void onlyZerosLeft() throws IOException {
        do {
            int from = position;
            while (position < end) {
                if (buffer[position] != 0) {
                    throw new ArchiveFormatException(
                            offset(), "bytes other than zero after the end of the archive; expected nothing more");
                }
                position++;
            }
            sink.inline(buffer, from, end - from);
        } while (fill());
    }

    /** Compares the diff_id, or makes sure that the stream has done it; all of the layer has been taken. */
    void requireDiffId(Digest diffId) throws DiffIdMismatchException {
        if (!atEnd || position != end) {
            throw new IllegalStateException("the layer is not at its end");
        }
        if (hash.isPresent()) {
            hash.orElseThrow().require(diffId);
        }
    }

    private void take(int length) throws IOException {
        sink.inline(buffer, position, length);
        position += length;
    }

    private int available(long wanted, long header) throws IOException {
        if (position == end && !fill()) {
            throw new ArchiveFormatException(
                    header, "ends in the middle of an entry, " + wanted + " bytes before the entry does");
        }
        return (int) Math.min(wanted, end - position);
    }

    private boolean fill() throws IOException {
        if (atEnd) {
            return false;
        }
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, end - position);
            end -= position;
            position = 0;
        }
        int read = in.read(buffer, end, buffer.length - end);
        if (read < 0) {
            atEnd = true;
            return false;
        }
        if (hash.isPresent()) {
            hash.orElseThrow().update(buffer, end, read);
        }
        end += read;
        total += read;
        limits.check(LayerLimit.LAYER_BYTES, total, "layer");
        budget.addBytes(read);
        checkExpansion();
        return true;
    }

    private void checkExpansion() throws LayerLimitException {
        if (total > limits.get(LayerLimit.EXPANSION_FREE_BYTES)) {
            long ratio = total / Math.max(1, in.source.count());
            if (ratio >= limits.get(LayerLimit.EXPANSION_RATIO)
                    && total > limits.get(LayerLimit.EXPANSION_RATIO) * in.source.count()) {
                throw new LayerLimitException(
                        LayerLimit.EXPANSION_RATIO,
                        "layer of " + total + " bytes from " + in.source.count(),
                        ratio,
                        limits.get(LayerLimit.EXPANSION_RATIO));
            }
        }
    }
}
