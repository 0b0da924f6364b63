package dev.bulla.guest.layer;

import dev.bulla.oci.LayerMediaType.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The uncompressed bytes of a layer. Reading to the end reads the compressed stream to its own end, so that whatever
 * verifies that one has spoken. Closing frees the decompressor and leaves the compressed stream open.
 */
abstract class DecompressedStream extends InputStream {
    static final int INPUT_BYTES = 64 * 1024;

    final CountingSource source;

    DecompressedStream(CountingSource source) {
        this.source = source;
    }

    /** Opens a layer. Exactly what the media type says is read; nothing is guessed from the bytes. */
    static DecompressedStream open(CountingSource source, Compression compression) {
        return switch (compression) {
            case NONE -> new Plain(source);
            case GZIP -> new GzipMembers(source);
            case ZSTD -> new ZstdFrames(source);
        };
    }

    /** Reads at least one byte, or says with -1 that there are none. */
    abstract int readSome(byte[] target, int offset, int length) throws IOException;

    /** Frees what the decompressor holds. */
    @Override
    public abstract void close();

    @Override
    public final int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        return length == 0 ? 0 : readSome(target, offset, length);
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return readSome(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    private static final class Plain extends DecompressedStream {
        Plain(CountingSource source) {
            super(source);
        }

        @Override
        int readSome(byte[] target, int offset, int length) throws IOException {
            return source.read(target, offset, length);
        }

        @Override
        public void close() {}
    }
}
