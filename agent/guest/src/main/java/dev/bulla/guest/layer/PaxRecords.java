package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Timestamp;
import dev.bulla.oci.Quoted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The records of a PAX extended header, {@code LENGTH KEY=VALUE\n} (POSIX.1-2017, pax).
 *
 * <p>A key stands once. An empty value takes the record back, but for extended attributes, which may be empty. Records that
 * change what an entry is or how long (sparse files, device numbers) are refused; those that only describe it further are
 * ignored and counted.
 */
final class PaxRecords {
    /** No records. */
    static final PaxRecords NONE = new PaxRecords(Map.of(), 0);

    private static final int MAX_LENGTH_DIGITS = 9;
    private static final int MAX_DIGITS = 18;

    private final Map<ByteString, ByteString> records;
    private final long offset;

    private PaxRecords(Map<ByteString, ByteString> records, long offset) {
        this.records = records;
        this.offset = offset;
    }

    /**
     * Reads the body of an extended header.
     *
     * @param offset where the header stands in the uncompressed layer, for messages
     */
    static PaxRecords read(byte[] body, long offset, LayerLimits limits) throws LayerException {
        Map<ByteString, ByteString> records = new LinkedHashMap<>();
        int at = 0;
        while (at < body.length) {
            int space = at;
            int length = 0;
            while (space < body.length && isDigit(body[space]) && space - at < MAX_LENGTH_DIGITS) {
                length = length * 10 + (body[space] - '0');
                space++;
            }
            int end = at + length;
            if (space == at || space == body.length || body[space] != ' ' || body[at] == '0') {
                throw new ArchiveFormatException(
                        offset, "PAX record without its length at byte " + at + " of its header");
            }
            if (end > body.length || end <= space + 1 || body[end - 1] != '\n') {
                throw new ArchiveFormatException(
                        offset,
                        "PAX record of " + length + " bytes at byte " + at
                                + " of its header does not end with a newline");
            }
            int equals = space + 1;
            while (equals < end && body[equals] != '=') {
                equals++;
            }
            if (equals == end || equals == space + 1) {
                throw new ArchiveFormatException(offset, "PAX record without key and value at byte " + at);
            }
            ByteString key = ByteString.of(body, space + 1, equals - space - 1);
            ByteString value = ByteString.of(body, equals + 1, end - 1 - equals - 1);
            if (records.putIfAbsent(key, value) != null) {
                throw new ArchiveFormatException(offset, "PAX record " + Quoted.text(key.toString()) + " stands twice");
            }
            if (records.size() > limits.get(LayerLimit.HEADER_RECORDS)) {
                limits.check(
                        LayerLimit.HEADER_RECORDS, records.size(), "layer archive at byte " + offset + ", PAX header");
            }
            at = end;
        }
        return new PaxRecords(records, offset);
    }

    /** The keys and values as they stand. */
    Map<ByteString, ByteString> records() {
        return records;
    }

    /** A record that is a name: without NUL. */
    Optional<ByteString> name(String key) throws ArchiveFormatException {
        Optional<ByteString> value = value(key);
        if (value.isPresent() && value.orElseThrow().indexOf(0) >= 0) {
            throw new ArchiveFormatException(offset, "PAX record \"" + key + "\" with a NUL byte");
        }
        return value;
    }

    /** A record that is a whole number of at most 18 decimal digits. */
    OptionalLong number(String key) throws ArchiveFormatException {
        Optional<ByteString> value = value(key);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        ByteString digits = value.orElseThrow();
        return OptionalLong.of(decimal(digits, 0, digits.length(), key));
    }

    /** A record that is a time in seconds, with as many digits after the point as it likes; finer than nanoseconds is cut. */
    Optional<Timestamp> time(String key) throws ArchiveFormatException {
        Optional<ByteString> value = value(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        ByteString text = value.orElseThrow();
        boolean negative = text.at(0) == '-';
        int point = text.indexOf('.');
        long seconds = decimal(text, negative ? 1 : 0, point < 0 ? text.length() : point, key);
        long nanos = 0;
        if (point >= 0) {
            for (int i = 1; i <= 9; i++) {
                nanos = nanos * 10 + (point + i < text.length() ? digit(text, point + i, key) : 0);
            }
            for (int i = point + 10; i < text.length(); i++) {
                digit(text, i, key);
            }
        }
        if (!negative) {
            return Optional.of(new Timestamp(seconds, nanos));
        }
        return Optional.of(
                nanos == 0 ? new Timestamp(-seconds, 0) : new Timestamp(-seconds - 1, 1_000_000_000 - nanos));
    }

    private long decimal(ByteString text, int from, int to, String key) throws ArchiveFormatException {
        if (to <= from || to - from > MAX_DIGITS) {
            throw notANumber(key, text);
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            number = number * 10 + digit(text, i, key);
        }
        return number;
    }

    private int digit(ByteString text, int at, String key) throws ArchiveFormatException {
        int digit = text.at(at) - '0';
        if (digit < 0 || digit > 9) {
            throw notANumber(key, text);
        }
        return digit;
    }

    private ArchiveFormatException notANumber(String key, ByteString value) {
        return new ArchiveFormatException(
                offset,
                "PAX record \"" + key + "\" is " + Quoted.text(value.toString()) + ", expected a number of at most "
                        + MAX_DIGITS + " digits");
    }

    private Optional<ByteString> value(String key) {
        return Optional.ofNullable(records.get(ByteString.utf8(key))).filter(value -> !value.isEmpty());
    }

    private static boolean isDigit(byte value) {
        return value >= '0' && value <= '9';
    }
}
