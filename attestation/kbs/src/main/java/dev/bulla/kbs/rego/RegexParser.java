package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses RE2's syntax without Unicode classes, POSIX classes, named groups and quoting; what is not of it is refused. Groups only
 * group, and how greedy a repetition is does not matter for whether there is a match.
 */
final class RegexParser {
    /** RE2's own limit of a counted repetition. */
    static final int MAX_REPEAT = 1_000;

    /** How many characters an expression may have. */
    static final int MAX_LENGTH = 1_000;

    /** How deep groups may nest. */
    static final int MAX_NESTING = 50;

    private static final List<RegexNode.Range> DIGITS = List.of(new RegexNode.Range('0', '9'));
    private static final List<RegexNode.Range> WORD = List.of(
            new RegexNode.Range('0', '9'),
            new RegexNode.Range('A', 'Z'),
            new RegexNode.Range('_', '_'),
            new RegexNode.Range('a', 'z'));
    private static final List<RegexNode.Range> SPACE =
            List.of(new RegexNode.Range('\t', '\n'), new RegexNode.Range('\f', '\r'), new RegexNode.Range(' ', ' '));

    private final int[] text;
    private int at;
    private int nesting;
    private boolean anyCase;
    private boolean dotTakesNewline;
    private boolean lines;

    private RegexParser(String expression) {
        this.text = TextForm.codePoints(expression);
    }

    static RegexNode parse(String expression) throws RegoException {
        if (expression.length() > MAX_LENGTH) {
            throw new RegoException("a regular expression has more than " + MAX_LENGTH + " characters");
        }
        RegexParser parser = new RegexParser(expression);
        RegexNode node = parser.alternatives();
        if (parser.at < parser.text.length) {
            throw parser.refuse("a parenthesis closes nothing");
        }
        return node;
    }

    private RegoException refuse(String problem) {
        String shown = TextForm.ofCodePoints(text, 0, text.length);
        return new RegoException(
                "regular expression " + Quoted.text(shown) + ", character " + (at + 1) + ": " + problem);
    }

    private boolean at(int c) {
        return at < text.length && text[at] == c;
    }

    private boolean take(int c) {
        boolean there = at(c);
        at += there ? 1 : 0;
        return there;
    }

    private RegexNode alternatives() throws RegoException {
        if (++nesting > MAX_NESTING) {
            throw refuse("groups nest deeper than " + MAX_NESTING);
        }
        List<RegexNode> parts = new ArrayList<>();
        do {
            List<RegexNode> sequence = new ArrayList<>();
            while (at < text.length && !at('|') && !at(')')) {
                sequence.add(repeated(single()));
            }
            parts.add(new RegexNode.Sequence(sequence));
        } while (take('|'));
        nesting--;
        return parts.size() == 1 ? parts.getFirst() : new RegexNode.Alternatives(parts);
    }

    private RegexNode repeated(RegexNode node) throws RegoException {
        int least;
        int most;
        if (take('*')) {
            least = 0;
            most = RegexNode.UNBOUNDED;
        } else if (take('+')) {
            least = 1;
            most = RegexNode.UNBOUNDED;
        } else if (take('?')) {
            least = 0;
            most = 1;
        } else if (at('{') && at + 1 < text.length && isDigit(text[at + 1])) {
            at++;
            least = count();
            most = take(',') ? (at('}') ? RegexNode.UNBOUNDED : count()) : least;
            if (!take('}') || (most != RegexNode.UNBOUNDED && most < least)) {
                throw refuse("a malformed repetition");
            }
        } else {
            return node;
        }
        take('?');
        if (at('*') || at('+') || at('?') || (at('{') && at + 1 < text.length && isDigit(text[at + 1]))) {
            throw refuse("a repetition of a repetition");
        }
        return new RegexNode.Repeat(node, least, most);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private int count() throws RegoException {
        int value = 0;
        int start = at;
        while (at < text.length && isDigit(text[at])) {
            value = value * 10 + text[at++] - '0';
            if (value > MAX_REPEAT) {
                throw refuse("a repetition of more than " + MAX_REPEAT + " times");
            }
        }
        if (at == start) {
            throw refuse("a malformed repetition");
        }
        return value;
    }

    private RegexNode single() throws RegoException {
        int c = text[at];
        switch (c) {
            case '(' -> {
                at++;
                return group();
            }
            case '[' -> {
                at++;
                return new RegexNode.Take(bracket());
            }
            case '.' -> {
                at++;
                return dotTakesNewline ? take(List.of(), true) : take(List.of(new RegexNode.Range('\n', '\n')), true);
            }
            case '^' -> {
                at++;
                return new RegexNode.Require(lines ? RegexNode.Place.LINE_BEGIN : RegexNode.Place.BEGIN);
            }
            case '$' -> {
                at++;
                return new RegexNode.Require(lines ? RegexNode.Place.LINE_END : RegexNode.Place.END);
            }
            case '*', '+', '?' -> throw refuse("a repetition of nothing");
            case '\\' -> {
                at++;
                return escape();
            }
            default -> {
                at++;
                return take(List.of(new RegexNode.Range(c, c)), false);
            }
        }
    }

    private RegexNode take(List<RegexNode.Range> ranges, boolean negated) {
        return new RegexNode.Take(new RegexNode.Characters(ranges, negated, anyCase && !negated));
    }

    private RegexNode group() throws RegoException {
        boolean caseBefore = anyCase;
        boolean dotBefore = dotTakesNewline;
        boolean linesBefore = lines;
        if (take('?')) {
            while (at('i') || at('s') || at('m')) {
                anyCase |= at('i');
                dotTakesNewline |= at('s');
                lines |= at('m');
                at++;
            }
            if (take(')')) {
                return new RegexNode.Sequence(List.of());
            }
            if (!take(':')) {
                throw refuse("a group of this kind is not of the subset");
            }
        }
        RegexNode node = alternatives();
        if (!take(')')) {
            throw refuse("a group does not end");
        }
        anyCase = caseBefore;
        dotTakesNewline = dotBefore;
        lines = linesBefore;
        return node;
    }

    private RegexNode escape() throws RegoException {
        if (at == text.length) {
            throw refuse("an escape at the end");
        }
        switch (text[at]) {
            case 'b' -> {
                at++;
                return new RegexNode.Require(RegexNode.Place.WORD_EDGE);
            }
            case 'B' -> {
                at++;
                return new RegexNode.Require(RegexNode.Place.NO_WORD_EDGE);
            }
            case 'A' -> {
                at++;
                return new RegexNode.Require(RegexNode.Place.BEGIN);
            }
            case 'z' -> {
                at++;
                return new RegexNode.Require(RegexNode.Place.END);
            }
            case 'd', 's', 'w' -> {
                return take(shorthand(text[at++]), false);
            }
            case 'D', 'S', 'W' -> {
                return take(shorthand(text[at++] - 'A' + 'a'), true);
            }
            default -> {
                int c = character();
                return take(List.of(new RegexNode.Range(c, c)), false);
            }
        }
    }

    private static List<RegexNode.Range> shorthand(int c) {
        return c == 'd' ? DIGITS : c == 's' ? SPACE : WORD;
    }

    /** The character that an escape stands for, whose backslash is behind. */
    private int character() throws RegoException {
        if (at == text.length) {
            throw refuse("an escape at the end");
        }
        int c = text[at++];
        switch (c) {
            case 'a' -> {
                return 7;
            }
            case 'f' -> {
                return '\f';
            }
            case 'n' -> {
                return '\n';
            }
            case 'r' -> {
                return '\r';
            }
            case 't' -> {
                return '\t';
            }
            case 'v' -> {
                return 11;
            }
            case 'x' -> {
                return hexadecimal();
            }
            default -> {
                if (c > 0x20 && c < 0x7f && !Character.isLetterOrDigit(c)) {
                    return c;
                }
                at--;
                throw refuse("an escape that is not of the subset");
            }
        }
    }

    private int hexadecimal() throws RegoException {
        boolean braces = take('{');
        int value = 0;
        int digits = 0;
        while (at < text.length && digits < (braces ? 6 : 2) && text[at] < 0x80 && Character.digit(text[at], 16) >= 0) {
            value = value * 16 + Character.digit(text[at++], 16);
            digits++;
        }
        if (digits == 0 || (!braces && digits != 2) || (braces && !take('}')) || value > Character.MAX_CODE_POINT) {
            throw refuse("a malformed hexadecimal escape");
        }
        return value;
    }

    private RegexNode.Characters bracket() throws RegoException {
        boolean negated = take('^');
        List<RegexNode.Range> ranges = new ArrayList<>();
        boolean first = true;
        while (first || !at(']')) {
            if (at >= text.length) {
                throw refuse("a bracket does not end");
            }
            first = false;
            if (at('[') && at + 1 < text.length && text[at + 1] == ':') {
                throw refuse("a POSIX class is not of the subset");
            }
            if (at('\\') && at + 1 < text.length && "dsw".indexOf(text[at + 1]) >= 0) {
                ranges.addAll(shorthand(text[at + 1]));
                at += 2;
                continue;
            }
            int from = bracketCharacter();
            int to = from;
            if (at('-') && at + 1 < text.length && text[at + 1] != ']') {
                at++;
                to = bracketCharacter();
                if (to < from) {
                    throw refuse("a range ends before it begins");
                }
            }
            ranges.add(new RegexNode.Range(from, to));
        }
        at++;
        return new RegexNode.Characters(List.copyOf(ranges), negated, anyCase);
    }

    private int bracketCharacter() throws RegoException {
        if (at >= text.length) {
            throw refuse("a bracket does not end");
        }
        if (take('\\')) {
            return character();
        }
        return text[at++];
    }
}
