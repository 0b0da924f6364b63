package dev.bulla.guest.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** A tar header block that a test may get wrong in any field; the checksum is right unless stated. */
public final class RawHeader {
    private final byte[] block = new byte[512];
    private boolean checksumStated;

    private RawHeader() {}

    /** A POSIX ustar header of root's, mode 0644, time 0, size 0. */
    public static RawHeader of(char type, String name) {
        RawHeader header = new RawHeader();
        header.text(0, 100, name);
        header.octal(100, 8, 0644)
                .octal(108, 8, 0)
                .octal(116, 8, 0)
                .octal(124, 12, 0)
                .octal(136, 12, 0);
        header.block[156] = (byte) type;
        return header.put(257, "ustar\0" + "00");
    }

    public RawHeader put(int at, String latin1) {
        return put(at, latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawHeader put(int at, byte[] bytes) {
        System.arraycopy(bytes, 0, block, at, bytes.length);
        return this;
    }

    private RawHeader text(int at, int length, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > length) {
            throw new IllegalArgumentException(text);
        }
        Arrays.fill(block, at, at + length, (byte) 0);
        return put(at, bytes);
    }

    private RawHeader octal(int at, int length, long value) {
        return put(at, String.format(Locale.ROOT, "%0" + (length - 1) + "o\0", value));
    }

    public RawHeader gnu() {
        return put(257, "ustar  \0");
    }

    public RawHeader v7() {
        return put(257, new byte[8]);
    }

    public RawHeader mode(int mode) {
        return octal(100, 8, mode);
    }

    public RawHeader owner(long uid, long gid) {
        return octal(108, 8, uid).octal(116, 8, gid);
    }

    public RawHeader size(long size) {
        return octal(124, 12, size);
    }

    public RawHeader mtime(long seconds) {
        return octal(136, 12, seconds);
    }

    public RawHeader link(String target) {
        return text(157, 100, target);
    }

    public RawHeader device(long major, long minor) {
        return octal(329, 8, major).octal(337, 8, minor);
    }

    public RawHeader prefix(String prefix) {
        return text(345, 155, prefix);
    }

    public RawHeader checksum(String field) {
        checksumStated = true;
        return put(148, field);
    }

    public byte[] bytes() {
        if (!checksumStated) {
            Arrays.fill(block, 148, 156, (byte) ' ');
            int sum = 0;
            for (byte b : block) {
                sum += b & 0xff;
            }
            put(148, String.format(Locale.ROOT, "%06o\0 ", sum));
        }
        return block.clone();
    }
}
