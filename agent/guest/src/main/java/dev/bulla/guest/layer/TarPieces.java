package dev.bulla.guest.layer;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a tar archive apart, entry by entry, and loses no byte of it. Reads as strictly as a pull does, and no object's
 * bytes.
 */
public final class TarPieces {
    private final LayerLimits limits;
    private final PartBytes bytes;
    private final TarReader reader;
    private @Nullable TarEntry ahead;
    private byte[] headers = new byte[0];
    private byte[] tail = new byte[0];
    private long zeros;
    private boolean begun;

    /** Takes these parts' archive apart. */
    public TarPieces(TarParts parts, LayerLimits limits) {
        this.limits = requireNonNull(limits, "limits is null");
        this.bytes = new PartBytes(parts);
        this.reader = new TarReader(bytes, limits);
    }

    /**
     * The next entry; null when there is none, and what follows them has been read too.
     *
     * @throws LayerException when the archive is malformed, or an entry's name refused
     */
    public @Nullable TarPiece next() throws IOException {
        if (!begun) {
            begun = true;
            readAhead();
        }
        TarEntry entry = ahead;
        if (entry == null) {
            return null;
        }
        int split = headers.length - LayerBytes.BLOCK;
        byte[] extension = Arrays.copyOf(headers, split);
        byte[] header = Arrays.copyOfRange(headers, split, headers.length);
        readAhead();
        List<TarPart> body = bytes.takeBody();
        return new TarPiece(
                EntryPath.normalized(entry.name(), limits), entry.name(), extension, header, body, bytes.takePadding());
    }

    /** The headers after the last entry that belong to none, most often none of them. */
    public byte[] tail() {
        requireEnd();
        return tail.clone();
    }

    /** How many zeros follow the last entry and {@link #tail}. */
    public long zeros() {
        requireEnd();
        return zeros;
    }

    private void requireEnd() {
        if (!begun || ahead != null) {
            throw new IllegalStateException("the archive has not been read to its end");
        }
    }

    private void readAhead() throws IOException {
        bytes.beginEntry();
        ahead = reader.next();
        headers = bytes.takeHeaders();
        if (ahead == null) {
            boolean marked = headers.length > 0 && TarHeader.isZero(headers, headers.length - LayerBytes.BLOCK);
            tail = Arrays.copyOf(headers, headers.length - (marked ? LayerBytes.BLOCK : 0));
            zeros = headers.length - tail.length + bytes.zeros();
        }
    }
}
