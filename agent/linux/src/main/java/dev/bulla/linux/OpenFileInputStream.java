package dev.bulla.linux;

import static java.util.Objects.checkFromIndexSize;

import java.io.IOException;
import java.io.InputStream;

/** Reads an open file from its first byte on, by position, so that several may read the same file. */
final class OpenFileInputStream extends InputStream {
    private final OpenFile file;
    private long position;

    OpenFileInputStream(OpenFile file) {
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        int got = file.read(into, offset, length, position);
        position += got;
        return got == 0 ? -1 : got;
    }
}
