package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;

/** The escapes of a dump: {@code \\ \n \r \t \xHH}, and nothing else. */
final class DumpEscape {
    private static final HexFormat HEX = HexFormat.of();

    private DumpEscape() {}

    /** Why a text cannot be unescaped; caught where the line's number is known. */
    static final class MalformedEscapeException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedEscapeException(String message) {
            super(message);
        }
    }

    /** The bytes that {@code bytes[from..to)} stand for. */
    static ByteString unescape(byte[] bytes, int from, int to) throws MalformedEscapeException {
        int at = from;
        while (at < to && bytes[at] != '\\') {
            at++;
        }
        if (at == to) {
            return ByteString.of(bytes, from, to - from);
        }
        byte[] out = new byte[to - from];
        int length = 0;
        at = from;
        while (at < to) {
            byte b = bytes[at++];
            if (b != '\\') {
                out[length++] = b;
                continue;
            }
            if (at == to) {
                throw new MalformedEscapeException("no character after a backslash");
            }
            byte kind = bytes[at++];
            switch (kind) {
                case '\\' -> out[length++] = '\\';
                case 'n' -> out[length++] = '\n';
                case 'r' -> out[length++] = '\r';
                case 't' -> out[length++] = '\t';
                case 'x' -> {
                    if (to - at < 2) {
                        throw new MalformedEscapeException("fewer than two hex digits after \\x");
                    }
                    if (!isHex(bytes[at]) || !isHex(bytes[at + 1])) {
                        throw new MalformedEscapeException("no hex digits after \\x");
                    }
                    out[length++] =
                            (byte) (HexFormat.fromHexDigit(bytes[at]) << 4 | HexFormat.fromHexDigit(bytes[at + 1]));
                    at += 2;
                }
                default -> throw new MalformedEscapeException("unknown escape \\x" + HEX.toHexDigits(kind));
            }
        }
        return ByteString.of(out, 0, length);
    }

    private static boolean isHex(byte b) {
        return HexFormat.isHexDigit(b & 0xff);
    }

    /** What the writer escapes beyond the bytes that are not graphic. */
    enum Also {
        NOTHING,
        /** The equals sign, in attributes. */
        EQUALS,
        /** A dash that stands alone, where a dash means "none". */
        LONE_DASH
    }

    /** Writes bytes escaped; a space is not graphic. */
    static void write(OutputStream out, ByteString bytes, Also also) throws IOException {
        write(out, bytes, also, 0x21);
    }

    /** Writes bytes escaped, but spaces as they are. */
    static void writeWithSpaces(OutputStream out, ByteString bytes) throws IOException {
        write(out, bytes, Also.NOTHING, 0x20);
    }

    private static void write(OutputStream out, ByteString bytes, Also also, int lowest) throws IOException {
        if (also == Also.LONE_DASH && bytes.length() == 1 && bytes.at(0) == '-') {
            writeHex(out, '-');
            return;
        }
        for (int i = 0; i < bytes.length(); i++) {
            int b = bytes.at(i);
            switch (b) {
                case '\\' -> writeNamed(out, '\\');
                case '\n' -> writeNamed(out, 'n');
                case '\r' -> writeNamed(out, 'r');
                case '\t' -> writeNamed(out, 't');
                default -> {
                    if (b < lowest || b > 0x7e || (b == '=' && also == Also.EQUALS)) {
                        writeHex(out, b);
                    } else {
                        out.write(b);
                    }
                }
            }
        }
    }

    private static void writeNamed(OutputStream out, char name) throws IOException {
        out.write('\\');
        out.write(name);
    }

    private static void writeHex(OutputStream out, int b) throws IOException {
        out.write('\\');
        out.write('x');
        out.write(HEX.toLowHexDigit(b >> 4));
        out.write(HEX.toLowHexDigit(b));
    }
}
