package dev.bulla.guest.layer;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a zstd file (RFC 8878): all its frames, one after the other, to the last byte of the file. Skippable frames
 * are skipped, as every reader does; {@code zstd:chunked} keeps its table of contents in them. The frames of formats before
 * 0.8, dictionaries, windows of more than 128 MiB and bytes that begin no frame are refused. A frame's checksum is checked
 * where it has one.
 */
final class ZstdFrames extends DecompressedStream {
    /** The largest window, as a power of two: 128 MiB, which is what zstd's own program takes unasked. */
    static final int MAX_WINDOW_LOG = 27;

    private static final String FORMAT = "zstd";
    private static final int MAGIC = 0xfd2fb528;
    private static final int SKIPPABLE_MAGIC = 0x184d2a50;
    private static final int SKIPPABLE_MASK = 0xfffffff0;

    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final byte[] bytes = new byte[INPUT_BYTES];
    private final ByteBuffer input =
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private boolean inFrame;
    private boolean anyFrame;
    private boolean atEnd;

    ZstdFrames(CountingSource source) {
        super(source);
        context.setLongMax(MAX_WINDOW_LOG);
    }

    @Override
    int readSome(byte[] target, int offset, int wanted) throws IOException {
        while (!atEnd) {
            if (!inFrame && !beginFrame()) {
                atEnd = true;
                break;
            }
            ByteBuffer output = ByteBuffer.wrap(target, offset, wanted);
            int before = input.position();
            boolean frameEnds = decompress(output);
            inFrame = !frameEnds;
            int read = output.position() - offset;
            if (read > 0) {
                return read;
            }
            if (inFrame && (!input.hasRemaining() || input.position() == before) && !fill()) {
                throw refused("ends in the middle of a frame");
            }
        }
        return -1;
    }

    private boolean decompress(ByteBuffer output) throws CompressionFormatException {
        try {
            return context.decompressByteBufferStream(output, input);
        } catch (ZstdException e) {
            throw new CompressionFormatException(FORMAT, source.count(), "not zstd data: " + e.getMessage(), e);
        }
    }

    /** Looks at a frame's first bytes; false when the file ends before one. */
    private boolean beginFrame() throws IOException {
        while (input.remaining() < Integer.BYTES && fill()) {
            // as many reads as it takes
        }
        if (!input.hasRemaining()) {
            if (!anyFrame) {
                throw refused("empty, expected at least one frame");
            }
            return false;
        }
        int magic = input.remaining() < Integer.BYTES ? 0 : input.getInt(input.position());
        if (magic != MAGIC && (magic & SKIPPABLE_MASK) != SKIPPABLE_MAGIC) {
            throw refused(
                    anyFrame ? "bytes after the last frame that begin no other one" : "does not begin with a frame");
        }
        anyFrame = true;
        return true;
    }

    /** Reads more behind what is left; false when there is no more. */
    private boolean fill() throws IOException {
        input.compact();
        int read = source.read(bytes, input.position(), input.remaining());
        if (read > 0) {
            input.position(input.position() + read);
        }
        input.flip();
        return read > 0;
    }

    private CompressionFormatException refused(String problem) {
        return new CompressionFormatException(FORMAT, source.count(), problem);
    }

    @Override
    public void close() {
        context.close();
    }
}
