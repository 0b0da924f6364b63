package dev.bulla.guest.layer;

import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The bytes of a gzip file (RFC 1952): all its members, one after the other, to the last byte of the file. Header, CRC-32
 * and length of each are checked. Whatever follows a member must be a member; zero padding is refused too, for readers
 * differ on it.
 */
final class GzipMembers extends DecompressedStream {
    /** The longest header: no field in use is near it, and without a limit a name could fill the whole layer. */
    static final int MAX_HEADER = 128 * 1024;

    private static final String FORMAT = "gzip";
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final byte[] input = new byte[INPUT_BYTES];
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final CRC32 headerCrc = new CRC32();
    private int position;
    private int end;
    private int headerBytes;
    private long length;
    private boolean inMember;
    private boolean anyMember;
    private boolean atEnd;

    GzipMembers(CountingSource source) {
        super(source);
    }

    @Override
    int readSome(byte[] target, int offset, int wanted) throws IOException {
        while (!atEnd) {
            if (!inMember && !beginMember()) {
                atEnd = true;
                break;
            }
            int inflated = inflate(target, offset, wanted);
            if (inflated > 0) {
                crc.update(target, offset, inflated);
                length += inflated;
                return inflated;
            }
            if (inflater.finished()) {
                position = end - inflater.getRemaining();
                endMember();
            } else if (inflater.needsDictionary()) {
                throw refused("a preset dictionary, which gzip does not have");
            } else if (inflater.needsInput()) {
                position = end;
                fill();
                if (position == end) {
                    throw refused("ends in the middle of a member");
                }
                inflater.setInput(input, position, end - position);
            }
        }
        return -1;
    }

    private int inflate(byte[] target, int offset, int wanted) throws CompressionFormatException {
        try {
            return inflater.inflate(target, offset, wanted);
        } catch (DataFormatException e) {
            throw new CompressionFormatException(FORMAT, source.count(), "not deflated data: " + e.getMessage(), e);
        }
    }

    /** Reads a member's header; false when the file ends before one. */
    private boolean beginMember() throws IOException {
        if (position == end) {
            fill();
            if (position == end) {
                if (!anyMember) {
                    throw refused("empty, expected at least one member");
                }
                return false;
            }
        }
        headerCrc.reset();
        headerBytes = 0;
        int first = headerByte();
        if (first != 0x1f || headerByte() != 0x8b) {
            throw refused(
                    anyMember ? "bytes after the last member that begin no other one" : "does not begin with 1f 8b");
        }
        int method = headerByte();
        if (method != 8) {
            throw refused("compression method " + method + ", expected 8 (deflate)");
        }
        int flags = headerByte();
        if ((flags & RESERVED) != 0) {
            throw refused("reserved flags 0x" + Integer.toHexString(flags) + " in a member's header");
        }
        for (int i = 0; i < 6; i++) { // time, extra flags, operating system
            headerByte();
        }
        if ((flags & EXTRA) != 0) {
            int extra = headerByte() | headerByte() << 8;
            for (int i = 0; i < extra; i++) {
                headerByte();
            }
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CRC) != 0) {
            int expected = (int) headerCrc.getValue() & 0xffff;
            int got = headerByte() | headerByte() << 8;
            if (got != expected) {
                throw refused("a member's header has the checksum 0x" + Integer.toHexString(got) + ", expected 0x"
                        + Integer.toHexString(expected));
            }
        }
        inflater.reset();
        inflater.setInput(input, position, end - position);
        crc.reset();
        length = 0;
        inMember = true;
        anyMember = true;
        return true;
    }

    private void skipText() throws IOException {
        while (headerByte() != 0) {
            // until its NUL
        }
    }

    private void endMember() throws IOException {
        long expectedCrc = littleEndian();
        if (crc.getValue() != expectedCrc) {
            throw refused("a member's data has the CRC 0x" + Long.toHexString(crc.getValue()) + ", its trailer says 0x"
                    + Long.toHexString(expectedCrc));
        }
        long expectedLength = littleEndian();
        if ((length & 0xffff_ffffL) != expectedLength) {
            throw refused("a member has " + length + " bytes, its trailer says " + expectedLength + " (modulo 2^32)");
        }
        inMember = false;
    }

    private long littleEndian() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            value |= (long) nextByte() << shift;
        }
        return value;
    }

    private int headerByte() throws IOException {
        if (++headerBytes > MAX_HEADER) {
            throw refused("a member's header of more than " + MAX_HEADER + " bytes");
        }
        int value = nextByte();
        headerCrc.update(value);
        return value;
    }

    private int nextByte() throws IOException {
        if (position == end) {
            fill();
            if (position == end) {
                throw refused("ends in the middle of a member's header or trailer");
            }
        }
        return input[position++] & 0xff;
    }

    private void fill() throws IOException {
        int read = source.read(input, 0, input.length);
        position = 0;
        end = Math.max(read, 0);
    }

    private CompressionFormatException refused(String problem) {
        return new CompressionFormatException(FORMAT, source.count(), problem);
    }

    @Override
    public void close() {
        inflater.end();
    }
}
