package dev.bulla.ocicrypt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A file with a key, told apart: JSON, PEM or DER.
 *
 * <p><b>Security.</b> PEM is read as bytes, so that a private key does not become a {@code String} here.
 */
final class KeyText {
    /** The most bytes of a key file. */
    static final int MAX_SIZE = 64 << 10;

    private static final byte[] BEGIN = "-----BEGIN ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "-----END ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DASHES = "-----".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_BLOCKS = 16;

    /** A block of a PEM file; whoever takes it wipes it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
    record Block(String label, byte[] der) {}

    private KeyText() {}

    static void requireSize(byte[] file) throws KeyFormatException {
        if (file.length == 0 || file.length > MAX_SIZE) {
            throw new KeyFormatException("got " + file.length + " bytes, expected 1 to " + MAX_SIZE);
        }
    }

    static boolean isJson(byte[] file) {
        for (byte b : file) {
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b == '{';
            }
        }
        return false;
    }

    static boolean isPem(byte[] file) {
        return indexOf(file, BEGIN, 0) >= 0;
    }

    /** The blocks of a PEM file in their order. */
    static List<Block> blocks(byte[] file) throws KeyFormatException {
        List<Block> blocks = new ArrayList<>();
        int at = indexOf(file, BEGIN, 0);
        while (at >= 0) {
            if (blocks.size() == MAX_BLOCKS) {
                throw new KeyFormatException("more than " + MAX_BLOCKS + " PEM blocks");
            }
            int labelStart = at + BEGIN.length;
            int labelEnd = indexOf(file, DASHES, labelStart);
            int bodyEnd = labelEnd < 0 ? -1 : indexOf(file, END, labelEnd + DASHES.length);
            if (bodyEnd < 0 || labelEnd - labelStart > 64) {
                throw new KeyFormatException("a PEM block without its END line");
            }
            byte[] label = Arrays.copyOfRange(file, labelStart, labelEnd);
            int after = bodyEnd + END.length + label.length;
            if (after > file.length
                    || !Arrays.equals(file, bodyEnd + END.length, after, label, 0, label.length)
                    || indexOf(file, DASHES, after) != after) {
                throw new KeyFormatException("a PEM block whose END line names another label than its BEGIN line");
            }
            blocks.add(new Block(
                    new String(label, StandardCharsets.ISO_8859_1), body(file, labelEnd + DASHES.length, bodyEnd)));
            at = indexOf(file, BEGIN, after);
        }
        return blocks;
    }

    private static byte[] body(byte[] file, int from, int to) throws KeyFormatException {
        byte[] text = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            if (file[i] != '\n' && file[i] != '\r' && file[i] != ' ' && file[i] != '\t') {
                text[length++] = file[i];
            }
        }
        byte[] exact = Arrays.copyOf(text, length);
        try {
            return Base64.getDecoder().decode(exact);
        } catch (IllegalArgumentException e) {
            // Headers ("Proc-Type: 4,ENCRYPTED") end here too. Without the cause, which may quote the text.
            throw new KeyFormatException(
                    "a PEM block that is not base64 (or has headers: encrypted keys are not read)");
        } finally {
            Arrays.fill(text, (byte) 0);
            Arrays.fill(exact, (byte) 0);
        }
    }

    private static int indexOf(byte[] text, byte[] wanted, int from) {
        for (int i = from; i <= text.length - wanted.length; i++) {
            if (Arrays.equals(text, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}
