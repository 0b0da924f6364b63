package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The bytes of an image, read where they stand and never past the end.
 *
 * <p><b>Security.</b> Every read is charged against the image's own size. In an honest image nothing is read twice, so a
 * small image whose parts overlap cannot make its reader do the work of a large one.
 */
abstract sealed class ImageBytes {
    private final long size;
    private long charged;

    private ImageBytes(long size) {
        this.size = size;
    }

    /** Of an image in memory, which must not change. */
    static ImageBytes of(byte[] bytes) {
        return new InMemory(bytes);
    }

    /** Of an open file. */
    static ImageBytes of(FileChannel file) throws IOException {
        return new InFile(file);
    }

    /** How many bytes there are. */
    long size() {
        return size;
    }

    /** A part of the image, little-endian. */
    ByteBuffer read(long position, int length, String what) throws IOException {
        if (position < 0 || position > size - length) {
            throw new ImageFormatException(
                    what + " at " + position + ": its " + length + " bytes end past the image's " + size);
        }
        charged += length;
        if (charged > size) {
            throw new ImageFormatException(what + " at " + position + ": parts of the image overlap");
        }
        byte[] bytes = new byte[length];
        copy(position, bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A copy of a part of what was read. */
    static ByteString slice(ByteBuffer bytes, int start, int length) {
        byte[] copy = new byte[length];
        bytes.get(start, copy);
        return ByteString.of(copy);
    }

    /** Copies a part that is known to be in the image. */
    abstract void copy(long position, byte[] into) throws IOException;

    private static final class InMemory extends ImageBytes {
        private final byte[] bytes;

        InMemory(byte[] bytes) {
            super(bytes.length);
            this.bytes = bytes;
        }

        @Override
        void copy(long position, byte[] into) {
            System.arraycopy(bytes, Math.toIntExact(position), into, 0, into.length);
        }
    }

    /** Keeps the pieces of the file that it read last, for small parts stand side by side. */
    private static final class InFile extends ImageBytes {
        private static final int PIECE = 1 << 16;
        private static final int PIECES = 32;

        private final FileChannel file;
        private final byte[][] pieces = new byte[PIECES][];
        private final long[] numbers = new long[PIECES];

        InFile(FileChannel file) throws IOException {
            super(file.size());
            this.file = file;
        }

        @Override
        void copy(long position, byte[] into) throws IOException {
            int done = 0;
            while (done < into.length) {
                long at = position + done;
                byte[] piece = piece(at / PIECE);
                int start = (int) (at % PIECE);
                int part = Math.min(into.length - done, piece.length - start);
                if (part <= 0) {
                    throw new ImageFormatException("image: got shorter while it was read");
                }
                System.arraycopy(piece, start, into, done, part);
                done += part;
            }
        }

        private byte[] piece(long number) throws IOException {
            int slot = (int) (number % PIECES);
            byte[] kept = pieces[slot];
            if (kept != null && numbers[slot] == number) {
                return kept;
            }
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, size() - number * PIECE));
            while (piece.hasRemaining()) {
                if (file.read(piece, number * PIECE + piece.position()) < 0) {
                    throw new ImageFormatException("image: got shorter while it was read");
                }
            }
            pieces[slot] = piece.array();
            numbers[slot] = number;
            return piece.array();
        }
    }
}
