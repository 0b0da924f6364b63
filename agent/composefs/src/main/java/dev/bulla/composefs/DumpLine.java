package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Timestamp;
import dev.bulla.oci.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A line of a dump, one after the other, split at its spaces. A field that the line is too short for is empty.
 *
 * <p>Numbers are read as C's {@code strtoull} reads them, for that is what the format's own tool does: white space and a
 * sign may stand before, a negative number is its complement, one that is too large is the largest.
 */
final class DumpLine {
    /** The longest rest of a line that may hold attributes. */
    static final int MAX_XATTRS = 65535;

    /** The longest rest of a line whose attributes are worth remembering. */
    static final int MAX_CACHED_XATTRS = 512;

    /** The most digits that fit into 63 bits whatever they are. */
    private static final int SAFE_DIGITS = 18;

    private final int[] starts = new int[DumpField.COUNT];
    private final int[] ends = new int[DumpField.COUNT];
    private byte[] bytes = {};
    private int length;
    private long number;
    private int rest;

    /**
     * Makes it the line in {@code source[from..to)}, which must not change while it is used.
     *
     * @throws DumpFormatException when the line has a NUL
     */
    DumpLine set(byte[] source, int from, int to, long lineNumber) throws DumpFormatException {
        this.bytes = source;
        this.length = to;
        this.number = lineNumber;
        int at = from;
        for (int field = 0; field < DumpField.COUNT; field++) {
            starts[field] = at;
            while (at < to && source[at] != ' ') {
                if (source[at] == 0) {
                    throw refuse("NUL at position " + (at - from));
                }
                at++;
            }
            ends[field] = at;
            at = Math.min(to, at + 1);
        }
        rest = at;
        for (; at < to; at++) {
            if (source[at] == 0) {
                throw refuse("NUL at position " + (at - from));
            }
        }
        return this;
    }

    /** How long the text of the attributes is. */
    int xattrLength() {
        return length - rest;
    }

    int xattrHash() {
        int hash = 0;
        for (int i = rest; i < length; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash;
    }

    byte[] xattrText() {
        return Arrays.copyOfRange(bytes, rest, length);
    }

    boolean hasXattrs(byte[] text) {
        return Arrays.equals(bytes, rest, length, text, 0, text.length);
    }

    /** The path, up to its first NUL: the bytes themselves, or where they are escaped what they stand for. */
    DumpPath path() throws DumpFormatException {
        int start = starts[DumpField.PATH.position()];
        int end = ends[DumpField.PATH.position()];
        if (indexOf((byte) '\\', start, end) < end) {
            byte[] path = untilNul(text(DumpField.PATH)).toByteArray();
            return new DumpPath(path, 0, path.length);
        }
        return new DumpPath(bytes, start, end);
    }

    /** Refuses a field whose escapes are malformed, whether or not it is of any use. */
    void checkEscapes(DumpField field) throws DumpFormatException {
        int end = ends[field.position()];
        if (indexOf((byte) '\\', starts[field.position()], end) < end) {
            text(field);
        }
    }

    /** The digest that a field spells, if it does. */
    Optional<VerityDigest> digest(DumpField field) throws DumpFormatException {
        int start = starts[field.position()];
        int end = ends[field.position()];
        Optional<VerityDigest> digest = VerityDigest.ofHex(bytes, start, end);
        if (digest.isPresent()) {
            return digest;
        }
        ByteString text = untilNul(text(field));
        byte[] unescaped = text.toByteArray();
        digest = VerityDigest.ofHex(unescaped, 0, unescaped.length);
        if (digest.isEmpty()) {
            throw refuse("digest of " + text.length() + " characters, expected - or 64 or 128 hex digits");
        }
        return digest;
    }

    /** The line's number from 1. */
    long number() {
        return number;
    }

    DumpFormatException refuse(String why) {
        return new DumpFormatException(number, why);
    }

    /** Whether the mode says that this is one more name of another line's inode. */
    boolean isHardLink() {
        int mode = DumpField.MODE.position();
        return starts[mode] < ends[mode] && bytes[starts[mode]] == '@';
    }

    int mode() throws DumpFormatException {
        int start = starts[DumpField.MODE.position()] + (isHardLink() ? 1 : 0);
        return (int) integer(start, ends[DumpField.MODE.position()], 8, "MODE");
    }

    /** An unsigned number of 64 bits. */
    long integer(DumpField field) throws DumpFormatException {
        return integer(starts[field.position()], ends[field.position()], 10, field.name());
    }

    Timestamp mtime(DumpMetadata known) throws DumpFormatException {
        int start = starts[DumpField.MTIME.position()];
        int end = ends[DumpField.MTIME.position()];
        int dot = indexOf((byte) '.', start, end);
        long seconds = integer(start, dot, 10, "MTIME");
        long nanos = integer(Math.min(end, dot + 1), end, 10, "MTIME");
        return known.time(seconds, nanos & 0xffff_ffffL);
    }

    /** The bytes that a field stands for. */
    ByteString text(DumpField field) throws DumpFormatException {
        return unescape(starts[field.position()], ends[field.position()], field.name());
    }

    /** Whether a field is anything but a dash. */
    boolean has(DumpField field) {
        int start = starts[field.position()];
        return ends[field.position()] - start != 1 || bytes[start] != '-';
    }

    /** The bytes that a field stands for; none where it is a dash. */
    Optional<ByteString> optionalText(DumpField field) throws DumpFormatException {
        return has(field) ? Optional.of(text(field)) : Optional.empty();
    }

    /** The attributes; of two with the same name the later counts. */
    Map<ByteString, ByteString> xattrs() throws DumpFormatException {
        if (length - rest > MAX_XATTRS) {
            throw refuse("too many xattrs: " + (length - rest) + " bytes, limit " + MAX_XATTRS);
        }
        if (rest == length) {
            return Map.of();
        }
        Map<ByteString, ByteString> xattrs = new LinkedHashMap<>();
        long size = XattrLimits.HEADER;
        int at = rest;
        while (at < length) {
            int end = indexOf((byte) ' ', at, length);
            int equals = indexOf((byte) '=', at, end);
            if (equals == end) {
                throw refuse("no = in an xattr");
            }
            ByteString name = untilNul(unescape(at, equals, "xattr name"));
            ByteString value = unescape(equals + 1, end, "xattr value");
            if (name.isEmpty() || name.length() > XattrLimits.MAX_NAME) {
                throw refuse("xattr name of " + name.length() + " bytes, expected 1 to " + XattrLimits.MAX_NAME);
            }
            ByteString before = xattrs.put(name, value);
            size += XattrLimits.entry(name, value) - (before == null ? 0 : XattrLimits.entry(name, before));
            if (size > XattrLimits.MAX_TOTAL) {
                throw refuse("xattrs of " + size + " bytes, limit " + XattrLimits.MAX_TOTAL);
            }
            at = Math.min(length, end + 1);
        }
        return xattrs;
    }

    /** What a C string holds of these bytes. */
    static ByteString untilNul(ByteString bytes) {
        int nul = bytes.indexOf(0);
        return nul < 0 ? bytes : bytes.substring(0, nul);
    }

    private ByteString unescape(int start, int end, String what) throws DumpFormatException {
        try {
            return DumpEscape.unescape(bytes, start, end);
        } catch (DumpEscape.MalformedEscapeException e) {
            throw refuse(what + ": " + e.getMessage());
        }
    }

    private long integer(int start, int end, int base, String what) throws DumpFormatException {
        if (end > start && end - start <= SAFE_DIGITS) {
            long digits = digits(start, end, base);
            if (digits >= 0) {
                return digits;
            }
        }
        int at = start;
        while (at < end && (bytes[at] == ' ' || (bytes[at] >= '\t' && bytes[at] <= '\r'))) {
            at++;
        }
        boolean negative = at < end && bytes[at] == '-';
        if (negative || (at < end && bytes[at] == '+')) {
            at++;
        }
        boolean any = false;
        boolean overflow = false;
        long value = 0;
        while (at < end) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit >= base) {
                break;
            }
            overflow |= Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, base)) > 0;
            value = value * base + digit;
            any = true;
            at++;
        }
        if (!any || at != end) {
            String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
            throw refuse(String.format(Locale.ROOT, "%s: invalid integer %s", what, Quoted.text(text)));
        }
        if (overflow) {
            return -1L;
        }
        return negative ? -value : value;
    }

    /** The value of digits alone, or -1 where there is anything else. */
    private long digits(int start, int end, int base) {
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit >= base) {
                return -1;
            }
            value = value * base + digit;
        }
        return value;
    }

    private int indexOf(byte wanted, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != wanted) {
            at++;
        }
        return at;
    }
}
