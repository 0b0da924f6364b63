package dev.bulla.kbs.rego;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A value while a module is evaluated: JSON's, and sets; an object's keys may be any values. Values compare as OPA's do: null,
 * booleans, numbers, strings, arrays, objects, sets. Equal are those that compare as equal, so 1 is 1.0.
 *
 * <p><b>Security.</b> A value knows how much it holds, shared parts counted each time, and how deep it nests; what would hold
 * more than {@link #MAX_WEIGHT} or nest deeper than {@link #MAX_DEPTH} is never made. So comparing or writing one is bounded.
 */
sealed interface RegoValue extends Comparable<RegoValue> {
    /** How much a value may hold: one for each value in it, and one for each 16 characters of text. */
    int MAX_WEIGHT = 500_000;

    /** How deep a value may nest: more than JSON texts may, so that a policy can wrap one. */
    int MAX_DEPTH = 100;

    int TEXT_WEIGHT_SHIFT = 4;

    default int weight() {
        return 1;
    }

    default int depth() {
        return 0;
    }

    /** JSON's null. */
    record NullValue() implements RegoValue {
        static final NullValue NULL = new NullValue();
    }

    /** True or false. */
    record BooleanValue(boolean value) implements RegoValue {
        static final BooleanValue FALSE = new BooleanValue(false);
        static final BooleanValue TRUE = new BooleanValue(true);

        static BooleanValue of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    /**
     * A number, exact.
     *
     * @param value without zeros at its end, so that equal numbers are equal
     */
    record NumberValue(BigDecimal value) implements RegoValue {
        /** How many digits a number may have, before or after its point. */
        static final int MAX_DIGITS = 400;

        static NumberValue of(BigDecimal value) throws RegoException {
            BigDecimal stripped = value.stripTrailingZeros();
            if (stripped.precision() > MAX_DIGITS || Math.abs((long) stripped.scale()) > MAX_DIGITS) {
                throw new RegoException("a number has more than " + MAX_DIGITS + " digits");
            }
            return new NumberValue(stripped);
        }

        static NumberValue of(long value) {
            return new NumberValue(BigDecimal.valueOf(value).stripTrailingZeros());
        }

        boolean isInteger() {
            return value.scale() <= 0;
        }

        @Override
        public int weight() {
            return 1 + (value.precision() >> TEXT_WEIGHT_SHIFT);
        }
    }

    /** A string. */
    record TextValue(String value) implements RegoValue {
        static TextValue of(String value) throws RegoException {
            bounded(1L + (value.length() >> TEXT_WEIGHT_SHIFT));
            return new TextValue(value);
        }

        @Override
        public int weight() {
            return 1 + (value.length() >> TEXT_WEIGHT_SHIFT);
        }
    }

    /**
     * An array.
     *
     * @param items its items
     * @param weight how much it holds
     * @param depth how deep it nests
     */
    record ArrayValue(List<RegoValue> items, int weight, int depth) implements RegoValue {
        static ArrayValue of(List<RegoValue> items) throws RegoException {
            return new ArrayValue(List.copyOf(items), weigh(items), deepen(items));
        }
    }

    /**
     * An object.
     *
     * @param members its members in the order of their keys
     * @param weight how much it holds
     * @param depth how deep it nests
     */
    record ObjectValue(NavigableMap<RegoValue, RegoValue> members, int weight, int depth) implements RegoValue {
        static ObjectValue of(Map<RegoValue, RegoValue> members) throws RegoException {
            List<RegoValue> all = new ArrayList<>(members.keySet());
            all.addAll(members.values());
            return new ObjectValue(
                    Collections.unmodifiableNavigableMap(new TreeMap<>(members)), weigh(all), deepen(all));
        }
    }

    /**
     * A set.
     *
     * @param items its items in their order
     * @param weight how much it holds
     * @param depth how deep it nests
     */
    record SetValue(NavigableSet<RegoValue> items, int weight, int depth) implements RegoValue {
        static SetValue of(Collection<RegoValue> items) throws RegoException {
            NavigableSet<RegoValue> sorted = new TreeSet<>(items);
            return new SetValue(Collections.unmodifiableNavigableSet(sorted), weigh(sorted), deepen(sorted));
        }
    }

    /** The word a message calls this kind of value by. */
    default String kind() {
        return switch (this) {
            case NullValue n -> "null";
            case BooleanValue b -> "boolean";
            case NumberValue n -> "number";
            case TextValue t -> "string";
            case ArrayValue a -> "array";
            case ObjectValue o -> "object";
            case SetValue s -> "set";
        };
    }

    @Override
    default int compareTo(RegoValue other) {
        int ranks = Integer.compare(rank(this), rank(other));
        if (ranks != 0 || this == other) {
            return ranks;
        }
        return switch (this) {
            case NullValue n -> 0;
            case BooleanValue b -> Boolean.compare(b.value(), ((BooleanValue) other).value());
            case NumberValue n -> n.value().compareTo(((NumberValue) other).value());
            case TextValue t -> TextForm.compare(t.value(), ((TextValue) other).value());
            case ArrayValue a -> compareAll(a.items(), ((ArrayValue) other).items());
            case SetValue s -> compareAll(s.items(), ((SetValue) other).items());
            case ObjectValue o -> compareMembers(o, (ObjectValue) other);
        };
    }

    private static int rank(RegoValue value) {
        return switch (value) {
            case NullValue n -> 0;
            case BooleanValue b -> 1;
            case NumberValue n -> 2;
            case TextValue t -> 3;
            case ArrayValue a -> 4;
            case ObjectValue o -> 5;
            case SetValue s -> 6;
        };
    }

    private static int compareAll(Collection<RegoValue> left, Collection<RegoValue> right) {
        Iterator<RegoValue> rights = right.iterator();
        for (RegoValue item : left) {
            if (!rights.hasNext()) {
                return 1;
            }
            int result = item.compareTo(rights.next());
            if (result != 0) {
                return result;
            }
        }
        return rights.hasNext() ? -1 : 0;
    }

    private static int compareMembers(ObjectValue left, ObjectValue right) {
        Iterator<Map.Entry<RegoValue, RegoValue>> rights =
                right.members().entrySet().iterator();
        for (Map.Entry<RegoValue, RegoValue> member : left.members().entrySet()) {
            if (!rights.hasNext()) {
                return 1;
            }
            Map.Entry<RegoValue, RegoValue> other = rights.next();
            int result = member.getKey().compareTo(other.getKey());
            if (result == 0) {
                result = member.getValue().compareTo(other.getValue());
            }
            if (result != 0) {
                return result;
            }
        }
        return rights.hasNext() ? -1 : 0;
    }

    private static int weigh(Collection<RegoValue> parts) throws RegoException {
        long weight = 1;
        for (RegoValue part : parts) {
            weight += part.weight();
        }
        return bounded(weight);
    }

    private static int bounded(long weight) throws RegoException {
        if (weight > MAX_WEIGHT) {
            throw new RegoException("a value is larger than " + MAX_WEIGHT + " parts");
        }
        return (int) weight;
    }

    private static int deepen(Collection<RegoValue> parts) throws RegoException {
        int depth = 0;
        for (RegoValue part : parts) {
            depth = Math.max(depth, part.depth());
        }
        if (depth >= MAX_DEPTH) {
            throw new RegoException("a value nests deeper than " + MAX_DEPTH);
        }
        return depth + 1;
    }
}
