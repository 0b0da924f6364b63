package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Timestamp;
import dev.bulla.oci.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One line of a dump, split at its spaces. A field that the line is too short for is empty.
 *
 * <p>Numbers are read as C's {@code strtoull} reads them, for that is what the format's own tool does: white space and a
 * sign may stand before, a negative number is its complement, one that is too large is the largest.
 */
final class DumpLine {
    /** The longest rest of a line that may hold attributes. */
    static final int MAX_XATTRS = 65535;

    private final byte[] bytes;
    private final int length;
    private final long number;
    private final int[] starts = new int[DumpField.COUNT];
    private final int[] ends = new int[DumpField.COUNT];
    private final int rest;

    DumpLine(byte[] bytes, int length, long number) throws DumpFormatException {
        this.bytes = bytes;
        this.length = length;
        this.number = number;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == 0) {
                throw refuse("NUL at position " + i);
            }
        }
        int at = 0;
        for (int field = 0; field < DumpField.COUNT; field++) {
            starts[field] = at;
            at = indexOf((byte) ' ', at, length);
            ends[field] = at;
            at = Math.min(length, at + 1);
        }
        rest = at;
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

    Timestamp mtime() throws DumpFormatException {
        int start = starts[DumpField.MTIME.position()];
        int end = ends[DumpField.MTIME.position()];
        int dot = indexOf((byte) '.', start, end);
        long seconds = integer(start, dot, 10, "MTIME");
        long nanos = integer(Math.min(end, dot + 1), end, 10, "MTIME");
        return new Timestamp(seconds, nanos & 0xffff_ffffL);
    }

    /** The bytes that a field stands for. */
    ByteString text(DumpField field) throws DumpFormatException {
        return unescape(starts[field.position()], ends[field.position()], field.name());
    }

    /** The bytes that a field stands for; none where it is a dash. */
    Optional<ByteString> optionalText(DumpField field) throws DumpFormatException {
        int start = starts[field.position()];
        if (ends[field.position()] - start == 1 && bytes[start] == '-') {
            return Optional.empty();
        }
        return Optional.of(text(field));
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

    private int indexOf(byte wanted, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != wanted) {
            at++;
        }
        return at;
    }
}
