package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A buffered stream of little-endian numbers that knows how far it is. */
final class LittleEndianOutput {
    private static final int BUFFER = 1 << 16;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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
        makeRoom(1);
        buffer[used++] = (byte) value;
    }

    void writeShort(int value) throws IOException {
        makeRoom(2);
        SHORT.set(buffer, used, (short) value);
        used += 2;
    }

    void writeInt(long value) throws IOException {
        makeRoom(4);
        INT.set(buffer, used, (int) value);
        used += 4;
    }

    void writeLong(long value) throws IOException {
        makeRoom(8);
        LONG.set(buffer, used, value);
        used += 8;
    }

    void write(ByteString bytes) throws IOException {
        write(bytes, 0);
    }

    /** Writes the bytes from an index on. */
    void write(ByteString bytes, int from) throws IOException {
        int length = bytes.length() - from;
        if (length > BUFFER) {
            drain();
            bytes.substring(from).writeTo(out);
            flushed += length;
            return;
        }
        makeRoom(length);
        bytes.copyTo(from, buffer, used);
        used += length;
    }

    void fill(int value, long count) throws IOException {
        long left = count;
        while (left > 0) {
            makeRoom(1);
            int part = (int) Math.min(left, BUFFER - used);
            Arrays.fill(buffer, used, used + part, (byte) value);
            used += part;
            left -= part;
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

    private void makeRoom(int length) throws IOException {
        if (length > BUFFER - used) {
            drain();
        }
    }

    private void drain() throws IOException {
        out.write(buffer, 0, used);
        flushed += used;
        used = 0;
    }
}
