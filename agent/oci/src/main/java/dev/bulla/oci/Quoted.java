package dev.bulla.oci;

import java.util.Locale;

/** Text from outside, made fit for one line of a message: bounded, quoted, without control characters. */
public final class Quoted {
    /** How many characters of a foreign text a message shows. */
    public static final int MAX_SHOWN = 200;

    private Quoted() {}

    /** The text in double quotes; what could break a line or colour a terminal is escaped. */
    public static String text(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().limit(MAX_SHOWN).forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || !Character.isDefined(c)
                    || Character.getType(c) == Character.LINE_SEPARATOR
                    || Character.getType(c) == Character.PARAGRAPH_SEPARATOR
                    || Character.getType(c) == Character.SURROGATE) {
                out.append(String.format(Locale.ROOT, "\\u{%x}", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        if (text.codePointCount(0, text.length()) > MAX_SHOWN) {
            out.append('…');
        }
        return out.append('"').toString();
    }
}
