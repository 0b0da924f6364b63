package dev.bulla.guest.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The layer as it comes, with a count of its bytes. */
final class CountingSource extends FilterInputStream {
    private long count;

    CountingSource(InputStream in) {
        super(in);
    }

    long count() {
        return count;
    }

    @Override
    public int read() throws IOException {
        int value = in.read();
        if (value >= 0) {
            count++;
        }
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = in.read(target, offset, length);
        if (read > 0) {
            count += read;
        }
        return read;
    }

    @Override
    public long skip(long wanted) {
        throw new UnsupportedOperationException("a layer's bytes are verified, none may be skipped");
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
