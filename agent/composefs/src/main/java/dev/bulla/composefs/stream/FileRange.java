package dev.bulla.composefs.stream;

import java.nio.ByteBuffer;

/**
 * Where a section stands in the file.
 *
 * @param start its first byte
 * @param end the byte after its last
 */
record FileRange(long start, long end) {
    static final int BYTES = 16;

    /** The range after another, of this length. */
    static FileRange after(long start, long length) {
        return new FileRange(start, Math.addExact(start, length));
    }

    static FileRange read(ByteBuffer from, String what, long fileSize) throws SplitStreamException {
        long start = from.getLong();
        long end = from.getLong();
        if (start < 0 || end < start || end > fileSize) {
            throw new SplitStreamException(what + " at " + Long.toUnsignedString(start) + " to "
                    + Long.toUnsignedString(end) + ", expected a range in the file's " + fileSize + " bytes");
        }
        return new FileRange(start, end);
    }

    void write(ByteBuffer to) {
        to.putLong(start).putLong(end);
    }

    long length() {
        return end - start;
    }

    boolean overlaps(FileRange other) {
        return length() > 0 && other.length() > 0 && start < other.end && other.start < end;
    }
}
