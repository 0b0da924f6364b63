package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import java.util.Arrays;
import java.util.Locale;

/**
 * A tar archive's header block, of one of three formats: POSIX ustar (which PAX extends), old GNU, and the one before both
 * that has no magic. Checksum and numbers are read strictly; what the known readers read differently is refused.
 */
final class TarHeader {
    /** The formats, by their magic. */
    enum Format {
        USTAR,
        GNU,
        V7
    }

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_LENGTH = 8;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final byte[] USTAR_MAGIC = {'u', 's', 't', 'a', 'r', 0};
    private static final byte[] GNU_MAGIC = {'u', 's', 't', 'a', 'r', ' ', ' ', 0};
    private static final byte[] NO_MAGIC = new byte[8];
    private static final byte[] STAR_TRAILER = {'t', 'a', 'r', 0};

    private final byte[] block;
    private final int start;
    private final long offset;
    private final Format format;

    private TarHeader(byte[] block, int start, long offset) throws ArchiveFormatException {
        this.block = block;
        this.start = start;
        this.offset = offset;
        this.format = format();
    }

    /** Whether a block is of zeros only. */
    static boolean isZero(byte[] block, int start) {
        for (int i = start; i < start + LayerBytes.BLOCK; i++) {
            if (block[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Looks at a header.
     *
     * @param block where it is, which must not change while the header is in use
     * @param start its first byte there
     * @param offset its first byte in the uncompressed layer, for messages
     */
    static TarHeader read(byte[] block, int start, long offset) throws ArchiveFormatException {
        int sum = 0;
        for (int i = 0; i < LayerBytes.BLOCK; i++) {
            boolean inChecksum = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH;
            sum += inChecksum ? ' ' : block[start + i] & 0xff;
        }
        long stated = TarNumber.read(block, start + CHECKSUM, CHECKSUM_LENGTH, offset, "checksum");
        if (stated != sum) {
            throw new ArchiveFormatException(offset, "header with checksum " + stated + ", its bytes sum to " + sum);
        }
        TarHeader header = new TarHeader(block, start, offset);
        header.checkNumbers();
        return header;
    }

    /** Reads every number once, whether the entry's type needs it or not: some readers refuse the archive otherwise. */
    private void checkNumbers() throws ArchiveFormatException {
        unsigned(100, 8, "mode");
        uid();
        gid();
        size();
        mtime();
        if (format != Format.V7) {
            major();
            minor();
        }
    }

    private Format format() throws ArchiveFormatException {
        if (isAt(MAGIC, GNU_MAGIC)) {
            return Format.GNU;
        }
        if (isAt(MAGIC, USTAR_MAGIC)) {
            if (isAt(LayerBytes.BLOCK - STAR_TRAILER.length, STAR_TRAILER)) {
                throw refused("header of the star format, which readers split into names differently");
            }
            return Format.USTAR;
        }
        if (isAt(MAGIC, NO_MAGIC)) {
            return Format.V7;
        }
        throw refused("header with an unknown magic, expected POSIX ustar, GNU or none");
    }

    long offset() {
        return offset;
    }

    /** The type flag, as it stands. */
    int typeFlag() {
        return block[start + 156] & 0xff;
    }

    /** The name, with the prefix where the format has one. */
    ByteString name() throws ArchiveFormatException {
        ByteString name = text(0, 100);
        switch (format) {
            case USTAR -> {
                ByteString prefix = text(PREFIX, 155);
                return prefix.isEmpty()
                        ? name
                        : prefix.concat(ByteString.utf8("/")).concat(name);
            }
            case GNU -> {
                // Here the format has two times; some old writers put a prefix, which some readers then take for one.
                TarNumber.read(block, start + PREFIX, 12, offset, "atime");
                TarNumber.read(block, start + PREFIX + 12, 12, offset, "ctime");
                return name;
            }
            case V7 -> {
                return name;
            }
        }
        throw new AssertionError(format);
    }

    ByteString link() {
        return text(157, 100);
    }

    /** The mode's permission bits; old writers state the file type too, which the type flag says better. */
    int permissions() throws ArchiveFormatException {
        return (int) (unsigned(100, 8, "mode") & 07777);
    }

    long uid() throws ArchiveFormatException {
        return unsigned(108, 8, "uid");
    }

    long gid() throws ArchiveFormatException {
        return unsigned(116, 8, "gid");
    }

    long size() throws ArchiveFormatException {
        return unsigned(124, 12, "size");
    }

    /** Whole seconds; may be negative. */
    long mtime() throws ArchiveFormatException {
        return TarNumber.read(block, start + 136, 12, offset, "mtime");
    }

    long major() throws ArchiveFormatException {
        return unsigned(329, 8, "major device number");
    }

    long minor() throws ArchiveFormatException {
        return unsigned(337, 8, "minor device number");
    }

    private long unsigned(int at, int length, String field) throws ArchiveFormatException {
        long value = TarNumber.read(block, start + at, length, offset, field);
        if (value < 0) {
            throw refused(field + " " + value + ", expected no negative number");
        }
        return value;
    }

    private ByteString text(int at, int length) {
        int from = start + at;
        int to = from;
        while (to < from + length && block[to] != 0) {
            to++;
        }
        return ByteString.of(block, from, to - from);
    }

    private boolean isAt(int at, byte[] bytes) {
        return Arrays.equals(block, start + at, start + at + bytes.length, bytes, 0, bytes.length);
    }

    /** The type flag in a message. */
    String typeFlagWords() {
        int flag = typeFlag();
        return flag > ' ' && flag < 0x7f ? "'" + (char) flag + "'" : String.format(Locale.ROOT, "0x%02x", flag);
    }

    private ArchiveFormatException refused(String problem) {
        return new ArchiveFormatException(offset, problem);
    }
}
