package dev.bulla.kbs.rego;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/** Functions of strings, whose characters are code points. */
final class TextBuiltins {
    private TextBuiltins() {}

    static void addTo(Map<String, Builtin> all) {
        all.put("contains", test(String::contains));
        all.put("startswith", test(String::startsWith));
        all.put("endswith", test(String::endsWith));
        all.put("lower", mapping(Character::toLowerCase));
        all.put("upper", mapping(Character::toUpperCase));
        all.put("concat", new Builtin(2, TextBuiltins::concat));
        all.put("split", new Builtin(2, TextBuiltins::split));
        all.put("replace", new Builtin(3, TextBuiltins::replace));
        all.put("sprintf", new Builtin(2, a -> RegoValue.TextValue.of(Sprintf.format(a))));
        all.put("substring", new Builtin(3, TextBuiltins::substring));
        all.put("indexof", new Builtin(2, TextBuiltins::indexOf));
        all.put("trim", new Builtin(2, a -> trim(a.text(0), true, true, anyOf(a.text(1)))));
        all.put("trim_left", new Builtin(2, a -> trim(a.text(0), true, false, anyOf(a.text(1)))));
        all.put("trim_right", new Builtin(2, a -> trim(a.text(0), false, true, anyOf(a.text(1)))));
        all.put("trim_space", new Builtin(1, a -> trim(a.text(0), true, true, TextBuiltins::isSpace)));
        all.put("trim_prefix", new Builtin(2, a -> {
            String text = a.text(0);
            String prefix = a.text(1);
            return RegoValue.TextValue.of(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
        }));
        all.put("trim_suffix", new Builtin(2, a -> {
            String text = a.text(0);
            String suffix = a.text(1);
            return RegoValue.TextValue.of(
                    text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text);
        }));
        all.put(
                "regex.match",
                new Builtin(
                        2,
                        a -> RegoValue.BooleanValue.of(
                                LinearRegex.parse(a.text(0)).find(a.text(1), a.budget()))));
    }

    private interface Test {
        boolean holds(String text, String part);
    }

    private static Builtin test(Test test) {
        return new Builtin(2, a -> {
            String text = a.text(0);
            String part = a.text(1);
            // a search may look at every part of the text once for each character of what is sought
            a.budget().charge(((long) text.length() * part.length()) >> 10);
            return RegoValue.BooleanValue.of(test.holds(text, part));
        });
    }

    private static Builtin mapping(IntUnaryOperator mapping) {
        return new Builtin(1, a -> {
            int[] points = a.text(0).codePoints().map(mapping).toArray();
            return RegoValue.TextValue.of(new String(points, 0, points.length));
        });
    }

    private static RegoValue concat(Arguments arguments) throws RegoException {
        String delimiter = arguments.text(0);
        List<String> parts = new ArrayList<>();
        for (RegoValue item : arguments.items(1)) {
            if (!(item instanceof RegoValue.TextValue(String part))) {
                throw new RegoException("argument 2 has an item that is a " + item.kind() + ", expected strings");
            }
            arguments.budget().charge((part.length() + delimiter.length()) >> RegoValue.TEXT_WEIGHT_SHIFT);
            parts.add(part);
        }
        return RegoValue.TextValue.of(String.join(delimiter, parts));
    }

    private static RegoValue split(Arguments arguments) throws RegoException {
        String text = arguments.text(0);
        String delimiter = arguments.text(1);
        arguments.budget().charge(((long) text.length() * Math.max(1, delimiter.length())) >> 4);
        List<RegoValue> parts = new ArrayList<>();
        if (delimiter.isEmpty()) {
            text.codePoints().forEach(c -> parts.add(new RegoValue.TextValue(Character.toString(c))));
            return RegoValue.ArrayValue.of(parts);
        }
        int from = 0;
        for (int at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, from)) {
            parts.add(new RegoValue.TextValue(text.substring(from, at)));
            from = at + delimiter.length();
        }
        parts.add(new RegoValue.TextValue(text.substring(from)));
        return RegoValue.ArrayValue.of(parts);
    }

    private static RegoValue replace(Arguments arguments) throws RegoException {
        String text = arguments.text(0);
        String old = arguments.text(1);
        String replacement = arguments.text(2);
        if (old.isEmpty()) {
            throw new RegoException("argument 2 is empty: there is nothing to replace");
        }
        arguments.budget().charge(((long) text.length() * old.length()) >> 10);
        int times = 0;
        for (int at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + old.length())) {
            times++;
        }
        arguments.budget().charge(((long) times * replacement.length()) >> RegoValue.TEXT_WEIGHT_SHIFT);
        return RegoValue.TextValue.of(text.replace(old, replacement));
    }

    private static RegoValue substring(Arguments arguments) throws RegoException {
        int[] points = TextForm.codePoints(arguments.text(0));
        int offset = arguments.integer(1);
        int length = arguments.integer(2);
        if (offset < 0) {
            throw new RegoException("argument 2 is negative");
        }
        int from = Math.min(offset, points.length);
        int to = length < 0 ? points.length : (int) Math.min((long) from + length, points.length);
        return RegoValue.TextValue.of(TextForm.ofCodePoints(points, from, to));
    }

    private static RegoValue indexOf(Arguments arguments) throws RegoException {
        String text = arguments.text(0);
        String part = arguments.text(1);
        if (part.isEmpty()) {
            throw new RegoException("argument 2 is empty: there is nothing to find");
        }
        arguments.budget().charge(((long) text.length() * part.length()) >> 10);
        int at = text.indexOf(part);
        return RegoValue.NumberValue.of(at < 0 ? -1 : text.codePointCount(0, at));
    }

    private static IntPredicate anyOf(String characters) {
        int[] sorted = characters.codePoints().sorted().toArray();
        return c -> Arrays.binarySearch(sorted, c) >= 0;
    }

    private static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    private static RegoValue trim(String text, boolean left, boolean right, IntPredicate dropped) throws RegoException {
        int[] points = TextForm.codePoints(text);
        int from = 0;
        int to = points.length;
        while (left && from < to && dropped.test(points[from])) {
            from++;
        }
        while (right && from < to && dropped.test(points[to - 1])) {
            to--;
        }
        return RegoValue.TextValue.of(TextForm.ofCodePoints(points, from, to));
    }
}
