package dev.bulla.guest.layer;

/**
 * A number in a field of a tar header: octal digits, or GNU's binary form whose first byte is 0x80 (or 0xff, below zero).
 */
final class TarNumber {
    private static final int BINARY = 0x80;
    private static final int NEGATIVE = 0xff;

    private TarNumber() {}

    /**
     * Reads a field. Octal digits may stand after spaces, and only spaces and NULs may follow them; a field of nothing else
     * is 0, as every reader has it.
     */
    static long read(byte[] block, int start, int length, long offset, String field) throws ArchiveFormatException {
        int first = block[start] & 0xff;
        return first == BINARY || first == NEGATIVE
                ? binary(block, start, length, offset, field)
                : octal(block, start, length, offset, field);
    }

    private static long octal(byte[] block, int start, int length, long offset, String field)
            throws ArchiveFormatException {
        int end = start + length;
        int at = start;
        while (at < end && block[at] == ' ') {
            at++;
        }
        long value = 0;
        while (at < end && block[at] >= '0' && block[at] <= '7') {
            value = value << 3 | (block[at] - '0'); // 12 digits are 36 bits: no overflow
            at++;
        }
        while (at < end && isBlank(block[at])) {
            at++;
        }
        if (at < end) {
            throw new ArchiveFormatException(
                    offset,
                    field + " with the byte 0x" + Integer.toHexString(block[at] & 0xff) + ", expected octal digits");
        }
        return value;
    }

    private static long binary(byte[] block, int start, int length, long offset, String field)
            throws ArchiveFormatException {
        boolean negative = (block[start] & 0xff) == NEGATIVE;
        long value = negative ? -1 : 0;
        for (int at = start + 1; at < start + length; at++) {
            int next = block[at] & 0xff;
            if (value >> 55 != (negative ? -1 : 0)) {
                throw new ArchiveFormatException(offset, field + " of more than 63 bits");
            }
            value = value << 8 | next;
        }
        if (value < 0 != negative) {
            throw new ArchiveFormatException(offset, field + " of more than 63 bits");
        }
        return value;
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || value == 0;
    }
}
