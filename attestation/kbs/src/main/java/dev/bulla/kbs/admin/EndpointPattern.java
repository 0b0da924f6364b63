package dev.bulla.kbs.admin;

import dev.bulla.oci.Quoted;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression over a request's whole path, from {@code ^/kbs} to {@code $}.
 *
 * <p><b>Security.</b> What Trustee's engine does not know (look-around, references back) is refused, and so is an alternative
 * outside of parentheses, which would not be anchored. Matching takes {@link #MAX_STEPS} steps at most; one that would take
 * more, or more of the stack than there is, does not match.
 */
public final class EndpointPattern {
    /** The longest expression. */
    public static final int MAX_LENGTH = 512;

    /** How many characters a match may look at. */
    public static final int MAX_STEPS = 100_000;

    /** Every path of a KBS. */
    public static final EndpointPattern EVERYTHING = new EndpointPattern(Pattern.compile("^/kbs/.+$"));

    private final Pattern pattern;

    private EndpointPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Reads an expression.
     *
     * @throws AdminException when it is not one that may be used here
     */
    public static EndpointPattern parse(String text) throws AdminException {
        if (text.length() > MAX_LENGTH) {
            throw new AdminException("allowed_endpoints: " + text.length() + " characters, limit " + MAX_LENGTH);
        }
        if (!text.startsWith("^/kbs") || !text.endsWith("$") || text.endsWith("\\$")) {
            throw new AdminException(
                    "allowed_endpoints " + Quoted.text(text) + ": expected one that begins with ^/kbs and ends with $");
        }
        refuseWhatIsNotAnchored(text);
        try {
            return new EndpointPattern(Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new AdminException(
                    "allowed_endpoints " + Quoted.text(text) + ": " + Quoted.text(e.getDescription()), e);
        }
    }

    private static void refuseWhatIsNotAnchored(String text) throws AdminException {
        int depth = 0;
        boolean inClass = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
            if (c == '\\') {
                if ((next >= '1' && next <= '9') || next == 'k' || next == 'Q') {
                    throw new AdminException("allowed_endpoints " + Quoted.text(text) + ": \\" + next + " at character "
                            + (i + 1) + " is not understood");
                }
                i++;
            } else if (inClass) {
                inClass = c != ']';
            } else if (c == '[') {
                inClass = true;
            } else if (c == '(') {
                depth++;
                if (next == '?' && !text.startsWith("(?:", i)) {
                    throw new AdminException("allowed_endpoints " + Quoted.text(text) + ": (? at character " + (i + 1)
                            + " is not understood, except (?:");
                }
            } else if (c == ')') {
                depth--;
            } else if (c == '|' && depth == 0) {
                throw new AdminException("allowed_endpoints " + Quoted.text(text) + ": the alternative at character "
                        + (i + 1) + " is not anchored, put it into parentheses");
            }
        }
    }

    /** Whether the whole path is one of these. */
    boolean matches(String path) {
        try {
            return pattern.matcher(new Counted(path, new int[] {MAX_STEPS})).matches();
        } catch (TooManySteps | StackOverflowError e) {
            return false; // the JDK's engine calls itself for each turn of a repeated group
        }
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManySteps() {
            super("too many steps", null, false, false);
        }
    }

    /** A text that lets itself be looked at so often. */
    @SuppressWarnings("ArrayRecordComponent") // a counter that the text's parts share; never compared
    private record Counted(CharSequence text, int[] left) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left[0] < 0) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text.subSequence(start, end), left);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }

    @Override
    public String toString() {
        return pattern.pattern();
    }
}
