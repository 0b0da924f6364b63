package dev.bulla.kbs.rego;

import java.util.List;

/** A part of a regular expression. */
sealed interface RegexNode {
    /** A repetition without a most. */
    int UNBOUNDED = -1;

    /** One of the characters. */
    record Take(Characters characters) implements RegexNode {}

    /** A place, without a character. */
    record Require(Place place) implements RegexNode {}

    /** One after the other. */
    record Sequence(List<RegexNode> parts) implements RegexNode {}

    /** Any one. */
    record Alternatives(List<RegexNode> parts) implements RegexNode {}

    /** So many times. */
    record Repeat(RegexNode node, int least, int most) implements RegexNode {}

    /** From a code point to another, both included. */
    record Range(int from, int to) {}

    /**
     * A set of characters.
     *
     * @param ranges what is in it
     * @param negated or what is not
     * @param anyCase whether a character counts as what it is in the other case
     */
    record Characters(List<Range> ranges, boolean negated, boolean anyCase) {
        boolean has(int c) {
            boolean listed = anyCase
                    ? isListed(c) || isListed(Character.toLowerCase(c)) || isListed(Character.toUpperCase(c))
                    : isListed(c);
            return listed != negated;
        }

        private boolean isListed(int c) {
            for (Range range : ranges) {
                if (c >= range.from() && c <= range.to()) {
                    return true;
                }
            }
            return false;
        }
    }

    /** A place in a text. */
    enum Place {
        BEGIN,
        END,
        LINE_BEGIN,
        LINE_END,
        WORD_EDGE,
        NO_WORD_EDGE;

        boolean is(int[] points, int at) {
            return switch (this) {
                case BEGIN -> at == 0;
                case END -> at == points.length;
                case LINE_BEGIN -> at == 0 || points[at - 1] == '\n';
                case LINE_END -> at == points.length || points[at] == '\n';
                case WORD_EDGE -> isWord(points, at - 1) != isWord(points, at);
                case NO_WORD_EDGE -> isWord(points, at - 1) == isWord(points, at);
            };
        }

        private static boolean isWord(int[] points, int at) {
            if (at < 0 || at >= points.length) {
                return false;
            }
            int c = points[at];
            return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        }
    }
}
