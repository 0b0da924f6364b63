package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import java.io.IOException;
import java.io.OutputStream;

/** A buffered stream of little-endian numbers that knows how far it is. */
final class LittleEndianOutput {
    private static final int BUFFER = 1 << 16;

    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private int used;
    private long flushed;

    LittleEndianOutput(OutputStream out) {
        this.out = out;
    }

    /** How many bytes have been written. */
    long position() {
        return flushed + used;
    }

    void writeByte(int value) throws IOException {
        if (used == BUFFER) {
            drain();
        }
        buffer[used++] = (byte) value;
    }

    void writeShort(int value) throws IOException {
        writeByte(value);
        writeByte(value >> 8);
    }

    void writeInt(long value) throws IOException {
        writeShort((int) value);
        writeShort((int) (value >> 16));
    }

    void writeLong(long value) throws IOException {
        writeInt(value);
        writeInt(value >> 32);
    }

    void write(ByteString bytes) throws IOException {
        if (bytes.length() > BUFFER) {
            drain();
            bytes.writeTo(out);
            flushed += bytes.length();
            return;
        }
        if (bytes.length() > BUFFER - used) {
            drain();
        }
        bytes.copyTo(buffer, used);
        used += bytes.length();
    }

    void fill(int value, long count) throws IOException {
        for (long i = 0; i < count; i++) {
            writeByte(value);
        }
    }

    /** Zeros up to the next multiple. */
    void align(long unit) throws IOException {
        zerosTo(ErofsFormat.roundUp(position(), unit));
    }

    /** Zeros up to a position, which must not be behind. */
    void zerosTo(long position) throws IOException {
        if (position < position()) {
            throw new IllegalStateException("at " + position() + ", past the planned " + position);
        }
        fill(0, position - position());
    }

    void flush() throws IOException {
        drain();
        out.flush();
    }

    private void drain() throws IOException {
        out.write(buffer, 0, used);
        flushed += used;
        used = 0;
    }
}
