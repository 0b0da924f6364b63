package dev.bulla.attestation.client.initdata;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A gzip file (RFC 1952) of exactly one member and nothing behind it; header, CRC-32 and length are checked. */
final class SingleGzipMember {
    private static final short MAGIC = (short) 0x8b1f;
    private static final byte DEFLATE = 8;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;
    private static final int TRAILER = 8;

    private SingleGzipMember() {}

    /**
     * Inflates it.
     *
     * @param limit the most bytes that may come out
     */
    static byte[] inflate(byte[] gzip, int limit) throws MalformedInitDataException {
        ByteBuffer in = ByteBuffer.wrap(gzip).order(ByteOrder.LITTLE_ENDIAN);
        try {
            skipHeader(in);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw refused("ends in its header", e);
        }
        byte[] content = inflateBody(in, limit);
        if (in.remaining() < TRAILER) {
            throw refused("ends in its trailer");
        }
        int sum = in.getInt();
        int length = in.getInt();
        CRC32 crc = new CRC32();
        crc.update(content);
        if (sum != (int) crc.getValue() || length != content.length) {
            throw refused("its CRC-32 or length is not that of its content");
        }
        if (in.hasRemaining()) {
            throw refused(in.remaining() + " bytes behind its one member");
        }
        return content;
    }

    private static void skipHeader(ByteBuffer in) throws MalformedInitDataException {
        if (in.getShort() != MAGIC || in.get() != DEFLATE) {
            throw refused("it does not begin as one");
        }
        int flags = in.get() & 0xff;
        if ((flags & RESERVED) != 0) {
            throw refused("reserved flags");
        }
        in.position(in.position() + 6); // time, extra flags, operating system
        if ((flags & EXTRA) != 0) {
            int length = in.getShort() & 0xffff;
            in.position(in.position() + length);
        }
        for (int text : new int[] {NAME, COMMENT}) {
            if ((flags & text) != 0) {
                while (in.get() != 0) {
                    // the text's next byte
                }
            }
        }
        if ((flags & HEADER_CRC) != 0) {
            CRC32 crc = new CRC32();
            crc.update(in.slice(0, in.position()));
            if (in.getShort() != (short) crc.getValue()) {
                throw refused("its header's CRC-16 is wrong");
            }
        }
    }

    private static byte[] inflateBody(ByteBuffer in, int limit) throws MalformedInitDataException {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(in);
            byte[] content = new byte[Math.min(limit, 8 * 1024)];
            int length = 0;
            while (!inflater.finished()) {
                if (length == content.length) {
                    // One byte more than the limit, so that a content that ends there is told from one that does not.
                    content = Arrays.copyOf(content, (int) Math.min(limit + 1L, content.length * 2L + 1));
                }
                int got = inflater.inflate(content, length, content.length - length);
                length += got;
                if (length > limit) {
                    throw refused("more than " + limit + " bytes come out");
                }
                if (got == 0 && !inflater.finished()) {
                    throw refused(inflater.needsDictionary() ? "a preset dictionary" : "ends in its content");
                }
            }
            return Arrays.copyOf(content, length);
        } catch (DataFormatException e) {
            throw refused("not deflated data", e);
        } finally {
            inflater.end();
        }
    }

    private static MalformedInitDataException refused(String problem) {
        return new MalformedInitDataException("initdata: gzip: " + problem);
    }

    private static MalformedInitDataException refused(String problem, Throwable cause) {
        return new MalformedInitDataException("initdata: gzip: " + problem, cause);
    }
}
