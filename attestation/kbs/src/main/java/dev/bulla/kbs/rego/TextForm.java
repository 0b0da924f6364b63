package dev.bulla.kbs.rego;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What Rego makes of strings: sequences of code points, in the order of their UTF-8. */
final class TextForm {
    private TextForm() {}

    static int compare(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char l = left.charAt(i);
            char r = right.charAt(i);
            if (l != r) {
                // halves of surrogate pairs stand for what comes after all other characters
                return Boolean.compare(Character.isSurrogate(l), Character.isSurrogate(r)) != 0
                        ? Boolean.compare(Character.isSurrogate(l), Character.isSurrogate(r))
                        : Character.compare(l, r);
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    /** Whether the text has a UTF-8 form: no half of a surrogate pair. */
    static boolean isWellFormed(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    static int[] codePoints(String text) {
        return text.codePoints().toArray();
    }

    static String ofCodePoints(int[] points, int from, int to) {
        int[] part = Arrays.copyOfRange(points, from, to);
        return new String(part, 0, part.length);
    }
}
