package dev.bulla.composefs.stream;

import dev.bulla.linux.FileStatus;
import dev.bulla.linux.OpenFile;
import java.io.Closeable;
import java.io.IOException;

/** The bytes of a stream's file, read by position. */
sealed interface ByteSource extends Closeable {
    /** How many there are. */
    long size();

    /** Reads some from a position; 0 at the end. */
    int read(byte[] into, int offset, int length, long position) throws IOException;

    @Override
    void close();

    /** All bytes of a range, which the caller has bounded and which lies in the file. */
    default byte[] read(FileRange range) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(range.length())];
        int have = 0;
        while (have < bytes.length) {
            int got = read(bytes, have, bytes.length - have, range.start() + have);
            if (got == 0) {
                throw new SplitStreamException("the file ends at " + (range.start() + have) + ", expected " + size());
            }
            have += got;
        }
        return bytes;
    }

    /** An open file, closed with this. */
    static ByteSource of(OpenFile file) throws IOException {
        FileStatus status = file.status();
        if (!status.isRegular()) {
            throw new SplitStreamException(file + " is not a regular file");
        }
        return new Opened(file, status.size());
    }

    /** Bytes in memory. */
    static ByteSource of(byte[] bytes) {
        return new Bytes(bytes);
    }

    /** An open file. */
    record Opened(OpenFile file, long size) implements ByteSource {
        @Override
        public int read(byte[] into, int offset, int length, long position) throws IOException {
            return file.read(into, offset, length, position);
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /** Bytes in memory. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Bytes(byte[] bytes) implements ByteSource {
        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public int read(byte[] into, int offset, int length, long position) {
            int from = (int) Math.min(position, bytes.length);
            int got = Math.min(length, bytes.length - from);
            System.arraycopy(bytes, from, into, offset, got);
            return got;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
