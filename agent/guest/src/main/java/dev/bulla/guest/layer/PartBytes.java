package dev.bulla.guest.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parts of an archive for the tar reader, which keeps what the reader passes over: bodies, padding, headers. */
final class PartBytes implements ArchiveBytes {
    /** The most bytes of one body that are kept, those of objects not counted. A stream keeps but small files inline. */
    static final int MAX_INLINE_BODY = 1 << 20;

    private final TarParts parts;
    private final byte[] block = new byte[LayerBytes.BLOCK];
    private final ByteArrayOutputStream headers = new ByteArrayOutputStream();
    private byte[] current = new byte[0];
    private int position;
    private TarPart.@Nullable Body object;
    private long offset;
    private boolean atBody;
    private List<TarPart> body = new ArrayList<>();
    private final ByteArrayOutputStream padding = new ByteArrayOutputStream();
    private long zeros;

    PartBytes(TarParts parts) {
        this.parts = parts;
    }

    /** What is skipped next is the body of the entry that was read last. */
    void beginEntry() {
        atBody = true;
        headers.reset();
    }

    /** The headers read since {@link #beginEntry}. */
    byte[] takeHeaders() {
        return headers.toByteArray();
    }

    /** The body passed over since {@link #beginEntry}. */
    List<TarPart> takeBody() {
        List<TarPart> taken = body;
        body = new ArrayList<>();
        return taken;
    }

    /** The padding passed over since {@link #beginEntry}. */
    byte[] takePadding() {
        byte[] taken = padding.toByteArray();
        padding.reset();
        return taken;
    }

    /** How many zeros {@link #onlyZerosLeft} has found. */
    long zeros() {
        return zeros;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public byte[] buffer() {
        return block;
    }

    @Override
    public int block() throws IOException {
        int have = 0;
        while (have < block.length && fill()) {
            have += take(block, have, block.length - have);
        }
        if (have == 0) {
            return -1;
        }
        if (have < block.length) {
            throw new ArchiveFormatException(
                    offset - have, "ends after " + have + " bytes of a block of " + block.length);
        }
        headers.write(block, 0, block.length);
        return 0;
    }

    @Override
    public byte[] bytes(int length, long header) throws IOException {
        byte[] taken = bytesOf(length, header);
        headers.writeBytes(taken);
        return taken;
    }

    @Override
    public void transferTo(OutputStream out, long length, long header) {
        throw new UnsupportedOperationException("bodies are kept as they are");
    }

    @Override
    public void skip(long length, long header) throws IOException {
        if (!atBody) {
            headers.writeBytes(bytesOf(Math.toIntExact(length), header)); // fills an extension's last block up
            return;
        }
        atBody = false;
        long left = length;
        int kept = 0;
        while (left > 0) {
            TarPart.Body whole = object();
            if (whole == null) {
                int part = (int) Math.min(left, LayerBytes.BUFFER_BYTES);
                part = Math.min(part, available(left, header));
                body.add(new TarPart.Bytes(bytesOf(part, header)));
                left -= part;
                kept += part;
                if (kept > MAX_INLINE_BODY) {
                    throw new ArchiveFormatException(
                            header, "body of more than " + MAX_INLINE_BODY + " bytes that is no object");
                }
            } else if (whole.size() > left) {
                throw new ArchiveFormatException(
                        offset, "object of " + whole.size() + " bytes, where the entry has " + left + " left");
            } else {
                body.add(whole);
                object = null;
                offset += whole.size();
                left -= whole.size();
            }
        }
    }

    @Override
    public void skipPadding(int length) throws IOException {
        byte[] filler = new byte[length];
        int have = 0;
        while (have < length && fill()) {
            have += take(filler, have, length - have);
        }
        padding.write(filler, 0, have);
    }

    @Override
    public void onlyZerosLeft() throws IOException {
        while (fill()) {
            for (; position < current.length; position++, offset++, zeros++) {
                if (current[position] != 0) {
                    throw new ArchiveFormatException(
                            offset, "bytes other than zero after the end of the archive; expected nothing more");
                }
            }
        }
    }

    private byte[] bytesOf(int length, long header) throws IOException {
        byte[] taken = new byte[length];
        int have = 0;
        while (have < length) {
            available(length - have, header);
            have += take(taken, have, length - have);
        }
        return taken;
    }

    private int available(long wanted, long header) throws IOException {
        if (!fill()) {
            throw new ArchiveFormatException(
                    header, "ends in the middle of an entry, " + wanted + " bytes before the entry does");
        }
        return current.length - position;
    }

    private int take(byte[] target, int at, int wanted) {
        int part = Math.min(wanted, current.length - position);
        System.arraycopy(current, position, target, at, part);
        position += part;
        offset += part;
        return part;
    }

    /** The object that stands here; null where bytes do, or the archive's end. */
    private TarPart.@Nullable Body object() throws IOException {
        if (object == null && position == current.length) {
            advance();
        }
        return object;
    }

    /** Whether there are bytes here. */
    private boolean fill() throws IOException {
        while (position == current.length) {
            if (object() != null) {
                throw new ArchiveFormatException(offset, "an object where headers or padding stand");
            }
            if (position == current.length) {
                return false;
            }
        }
        return true;
    }

    /** Takes the next part that is not empty. */
    private void advance() throws IOException {
        while (true) {
            switch (parts.next()) {
                case null -> {
                    return;
                }
                case TarPart.Bytes bytes -> {
                    if (bytes.bytes().length > 0) {
                        current = bytes.bytes();
                        position = 0;
                        return;
                    }
                }
                case TarPart.Body next -> {
                    object = next;
                    return;
                }
            }
        }
    }
}
