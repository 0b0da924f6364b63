package dev.bulla.composefs.stream;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Decompresses a section of zstd frames, as far as its reader asks and in memory that does not depend on the section. */
final class ZstdSection implements Closeable {
    /** The largest window, as a power of two: what RFC 8878 wants every reader to take. Writers need a quarter. */
    private static final int MAX_WINDOW_LOG = 23;

    private static final int INPUT = 1 << 16;

    private final ByteSource source;
    private final FileRange range;
    private final String what;
    private final ZstdDecompressCtx context = new ZstdDecompressCtx();
    private final byte[] bytes = new byte[INPUT];
    private final ByteBuffer input = ByteBuffer.wrap(bytes).limit(0);
    private long position;
    private boolean inFrame;

    ZstdSection(ByteSource source, FileRange range, String what) {
        this.source = source;
        this.range = range;
        this.what = what;
        this.position = range.start();
        context.setLongMax(MAX_WINDOW_LOG);
    }

    /**
     * Reads some bytes.
     *
     * @return how many; -1 at the end of the section, which is the end of a frame
     */
    int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            if (!input.hasRemaining() && !fill() && !inFrame) {
                return -1;
            }
            ByteBuffer output = ByteBuffer.wrap(into, offset, length);
            int before = input.position();
            boolean frameEnds = decompress(output);
            inFrame = !frameEnds;
            int got = output.position() - offset;
            if (got > 0) {
                return got;
            }
            if (inFrame && input.position() == before && !input.hasRemaining() && position == range.end()) {
                throw new SplitStreamException(what + ": ends in the middle of a zstd frame");
            }
            if (inFrame && input.position() == before && input.hasRemaining()) {
                throw new SplitStreamException(what + ": a zstd frame that does not go on");
            }
        }
    }

    private boolean decompress(ByteBuffer output) throws SplitStreamException {
        try {
            return context.decompressByteBufferStream(output, input);
        } catch (ZstdException e) {
            throw new SplitStreamException(what + ": not zstd data: " + e.getMessage(), e);
        }
    }

    private boolean fill() throws IOException {
        int wanted = (int) Math.min(INPUT, range.end() - position);
        if (wanted == 0) {
            return false;
        }
        int got = source.read(bytes, 0, wanted, position);
        if (got == 0) {
            throw new SplitStreamException(what + ": the file ends at " + position + ", expected " + range.end());
        }
        position += got;
        input.position(0).limit(got);
        return true;
    }

    @Override
    public void close() {
        context.close();
    }
}
