package dev.bulla.composefs.tree;

import com.google.errorprone.annotations.Immutable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that do not change: a file name, a link target, an extended attribute's name or value.
 *
 * <p>Ordered as unsigned bytes, a prefix first, as {@code strcmp} orders names. Holds any byte, NUL too; who must not have
 * one says so.
 */
@Immutable
public final class ByteString implements Comparable<ByteString> {
    /** No bytes. */
    public static final ByteString EMPTY = new ByteString(new byte[0]);

    @SuppressWarnings("Immutable") // copied in and out, or handed to a stream that must not keep it
    private final byte[] bytes;

    private ByteString(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of these bytes. */
    public static ByteString of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    /** A copy of a part of these bytes. */
    public static ByteString of(byte[] bytes, int offset, int length) {
        return length == 0 ? EMPTY : new ByteString(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    /** These very bytes, which nobody may change any more. */
    public static ByteString wrap(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new ByteString(bytes);
    }

    /** The text's UTF-8 bytes. */
    public static ByteString utf8(String text) {
        return text.isEmpty() ? EMPTY : new ByteString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** How many bytes. */
    public int length() {
        return bytes.length;
    }

    /** Whether there is no byte. */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /** The byte at an index, 0 to 255. */
    public int at(int index) {
        return bytes[index] & 0xff;
    }

    /** A copy of the bytes. */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** Copies all bytes into {@code target}. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, bytes.length);
    }

    /** Copies the bytes from an index on into {@code target}. */
    public void copyTo(int from, byte[] target, int offset) {
        System.arraycopy(bytes, from, target, offset, bytes.length - from);
    }

    /** Writes all bytes. */
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
    }

    /** The index of the first such byte, or -1. */
    public int indexOf(int value) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == (byte) value) {
                return i;
            }
        }
        return -1;
    }

    /** Whether the bytes begin with {@code prefix}. */
    public boolean startsWith(ByteString prefix) {
        return bytes.length >= prefix.bytes.length
                && Arrays.equals(bytes, 0, prefix.bytes.length, prefix.bytes, 0, prefix.bytes.length);
    }

    /** The bytes from an index on. */
    public ByteString substring(int from) {
        return substring(from, bytes.length);
    }

    /** The bytes from an index on, up to another and without it. */
    public ByteString substring(int from, int to) {
        return from == 0 && to == bytes.length ? this : of(bytes, from, to - from);
    }

    /** These bytes and then those. */
    public ByteString concat(ByteString next) {
        byte[] joined = Arrays.copyOf(bytes, bytes.length + next.bytes.length);
        next.copyTo(joined, bytes.length);
        return new ByteString(joined);
    }

    @Override
    public int compareTo(ByteString other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteString that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The bytes read as UTF-8, for messages; malformed ones are replaced, so this does not lead back. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
