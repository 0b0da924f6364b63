package dev.bulla.guest.delta;

import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.TarParts;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The numbers, bytes and objects of a delta. */
final class DeltaInput {
    private final TarParts delta;
    private byte[] current = new byte[0];
    private int position;

    DeltaInput(TarParts delta) {
        this.delta = delta;
    }

    int next() throws IOException {
        while (position == current.length) {
            switch (delta.next()) {
                case null -> throw new DeltaException("ends in the middle of an instruction");
                case TarPart.Body _ -> throw new DeltaException("an object where an instruction stands");
                case TarPart.Bytes bytes -> {
                    current = bytes.bytes();
                    position = 0;
                }
            }
        }
        return current[position++] & 0xff;
    }

    /** A number from 0 to {@code most}. */
    long number(long most, String what) throws IOException {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int read = next();
            long digits = read & 0x7f;
            if (shift > 56 || (digits << shift) >>> shift != digits) {
                throw new DeltaException(what + " of more than 63 bits");
            }
            value |= digits << shift;
            if (read < 0x80) {
                break;
            }
        }
        if (value < 0 || value > most) {
            throw new DeltaException(what + " " + Long.toUnsignedString(value) + ", expected at most " + most);
        }
        return value;
    }

    /** The next bytes. The caller has bounded how many. */
    byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        int have = 0;
        while (have < length) {
            bytes[have++] = (byte) next();
            int part = Math.min(length - have, current.length - position);
            System.arraycopy(current, position, bytes, have, part);
            position += part;
            have += part;
        }
        return bytes;
    }

    /** The object that stands here, of so many bytes. */
    TarPart.Body object(long size) throws IOException {
        @Nullable TarPart part = position == current.length ? delta.next() : null;
        if (!(part instanceof TarPart.Body body)) {
            throw new DeltaException("no object where one is announced");
        }
        if (body.size() != size) {
            throw new DeltaException("object of " + body.size() + " bytes, announced with " + size);
        }
        return body;
    }

    /** There must be nothing more. */
    void end() throws IOException {
        if (position < current.length) {
            throw new DeltaException("bytes after its end");
        }
        for (TarPart part = delta.next(); part != null; part = delta.next()) {
            if (!(part instanceof TarPart.Bytes bytes) || bytes.bytes().length > 0) {
                throw new DeltaException("bytes after its end");
            }
        }
    }
}
