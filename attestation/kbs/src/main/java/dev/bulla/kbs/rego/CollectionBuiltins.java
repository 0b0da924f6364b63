package dev.bulla.kbs.rego;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Functions of arrays, sets and objects. */
final class CollectionBuiltins {
    private CollectionBuiltins() {}

    static void addTo(Map<String, Builtin> all) {
        all.put("count", new Builtin(1, a -> RegoValue.NumberValue.of(count(a))));
        all.put("sum", new Builtin(1, a -> fold(a, BigDecimal.ZERO, BigDecimal::add)));
        all.put("product", new Builtin(1, a -> fold(a, BigDecimal.ONE, BigDecimal::multiply)));
        all.put("max", new Builtin(1, a -> extreme(a.items(0), true)));
        all.put("min", new Builtin(1, a -> extreme(a.items(0), false)));
        all.put("sort", new Builtin(1, CollectionBuiltins::sort));
        all.put("union", new Builtin(1, CollectionBuiltins::union));
        all.put("intersection", new Builtin(1, CollectionBuiltins::intersection));
        all.put("array.concat", new Builtin(2, CollectionBuiltins::concat));
        all.put("array.slice", new Builtin(3, CollectionBuiltins::slice));
        all.put("array.reverse", new Builtin(1, a -> {
            List<RegoValue> items = new ArrayList<>(a.array(0));
            Collections.reverse(items);
            return RegoValue.ArrayValue.of(items);
        }));
        all.put("object.get", new Builtin(3, CollectionBuiltins::get));
        all.put("object.keys", new Builtin(1, CollectionBuiltins::keys));
        all.put("object.remove", new Builtin(2, a -> select(a, false)));
        all.put("object.filter", new Builtin(2, a -> select(a, true)));
        all.put("object.subset", new Builtin(2, a -> RegoValue.BooleanValue.of(subset(a))));
        all.put("object.union", new Builtin(2, a -> {
            a.object(0);
            a.object(1);
            return merge(a.value(0), a.value(1), a.budget());
        }));
        all.put("object.union_n", new Builtin(1, CollectionBuiltins::mergeAll));
    }

    private static long count(Arguments arguments) throws RegoException {
        return switch (arguments.value(0)) {
            case RegoValue.ArrayValue array -> array.items().size();
            case RegoValue.SetValue set -> set.items().size();
            case RegoValue.ObjectValue object -> object.members().size();
            case RegoValue.TextValue(String text) -> text.codePointCount(0, text.length());
            default -> throw arguments.expected(0, "an array, an object, a set or a string");
        };
    }

    private interface Fold {
        BigDecimal apply(BigDecimal left, BigDecimal right);
    }

    private static RegoValue fold(Arguments arguments, BigDecimal start, Fold fold) throws RegoException {
        RegoValue.NumberValue result = RegoValue.NumberValue.of(start);
        for (RegoValue item : arguments.items(0)) {
            if (!(item instanceof RegoValue.NumberValue number)) {
                throw new RegoException("argument 1 has an item that is a " + item.kind() + ", expected numbers");
            }
            result = RegoValue.NumberValue.of(fold.apply(result.value(), number.value()));
        }
        return result;
    }

    private static @Nullable RegoValue extreme(Collection<RegoValue> items, boolean largest) {
        if (items.isEmpty()) {
            return null;
        }
        return largest ? Collections.max(items) : Collections.min(items);
    }

    private static RegoValue sort(Arguments arguments) throws RegoException {
        List<RegoValue> items = new ArrayList<>(arguments.items(0));
        arguments.budget().chargeSorting(items.size(), Evaluator.weight(items));
        Collections.sort(items);
        return RegoValue.ArrayValue.of(items);
    }

    private static RegoValue union(Arguments arguments) throws RegoException {
        TreeSet<RegoValue> items = new TreeSet<>();
        arguments
                .budget()
                .chargeSorting(arguments.value(0).weight(), arguments.value(0).weight());
        for (RegoValue set : arguments.set(0).items()) {
            items.addAll(asSet(set));
        }
        return RegoValue.SetValue.of(items);
    }

    private static RegoValue intersection(Arguments arguments) throws RegoException {
        TreeSet<RegoValue> items = null;
        arguments
                .budget()
                .chargeSorting(arguments.value(0).weight(), arguments.value(0).weight());
        for (RegoValue set : arguments.set(0).items()) {
            Collection<RegoValue> others = asSet(set);
            if (items == null) {
                items = new TreeSet<>(others);
            } else {
                items.removeIf(item -> !others.contains(item));
            }
        }
        return RegoValue.SetValue.of(items == null ? List.of() : items);
    }

    private static Collection<RegoValue> asSet(RegoValue value) throws RegoException {
        if (value instanceof RegoValue.SetValue set) {
            return set.items();
        }
        throw new RegoException("argument 1 has an item that is a " + value.kind() + ", expected sets");
    }

    private static RegoValue concat(Arguments arguments) throws RegoException {
        List<RegoValue> items = new ArrayList<>(arguments.array(0));
        items.addAll(arguments.array(1));
        return RegoValue.ArrayValue.of(items);
    }

    private static RegoValue slice(Arguments arguments) throws RegoException {
        List<RegoValue> items = arguments.array(0);
        int from = Math.clamp(arguments.integer(1), 0, items.size());
        int to = Math.clamp(arguments.integer(2), from, items.size());
        return RegoValue.ArrayValue.of(items.subList(from, to));
    }

    /** The value at a key, or at the keys in an array one after the other; else the third argument. */
    private static RegoValue get(Arguments arguments) throws RegoException {
        arguments.object(0);
        if (!(arguments.value(1) instanceof RegoValue.ArrayValue path)) {
            RegoValue value = Evaluator.lookup(arguments.value(0), arguments.value(1));
            return value == null ? arguments.value(2) : value;
        }
        RegoValue at = arguments.value(0);
        for (RegoValue key : path.items()) {
            RegoValue next = Evaluator.lookup(at, key);
            if (next == null) {
                return arguments.value(2);
            }
            at = next;
        }
        return at;
    }

    private static RegoValue keys(Arguments arguments) throws RegoException {
        return RegoValue.SetValue.of(arguments.object(0).keySet());
    }

    private static RegoValue select(Arguments arguments, boolean keep) throws RegoException {
        NavigableMap<RegoValue, RegoValue> members = arguments.object(0);
        Collection<RegoValue> keys = switch (arguments.value(1)) {
            case RegoValue.ObjectValue object -> object.members().keySet();
            case RegoValue.ArrayValue array -> array.items();
            case RegoValue.SetValue set -> set.items();
            default -> throw arguments.expected(1, "an array, an object or a set");
        };
        arguments.budget().chargeSorting(keys.size(), arguments.value(1).weight());
        TreeSet<RegoValue> named = new TreeSet<>(keys);
        Map<RegoValue, RegoValue> selected = new TreeMap<>(members);
        selected.keySet().removeIf(key -> named.contains(key) != keep);
        return RegoValue.ObjectValue.of(selected);
    }

    private static boolean subset(Arguments arguments) throws RegoException {
        arguments
                .budget()
                .charge((long) arguments.value(0).weight() + arguments.value(1).weight());
        return switch (arguments.value(0)) {
            case RegoValue.ObjectValue object
            when arguments.value(1) instanceof RegoValue.ObjectValue part -> hasAll(object, part);
            case RegoValue.SetValue set
            when arguments.value(1) instanceof RegoValue.SetValue part ->
                set.items().containsAll(part.items());
            default -> throw new RegoException("object.subset has two objects or two sets here, not other values");
        };
    }

    private static boolean hasAll(RegoValue.ObjectValue whole, RegoValue.ObjectValue part) {
        for (Map.Entry<RegoValue, RegoValue> member : part.members().entrySet()) {
            RegoValue there = whole.members().get(member.getKey());
            if (there instanceof RegoValue.ObjectValue inner
                    && member.getValue() instanceof RegoValue.ObjectValue innerPart) {
                if (!hasAll(inner, innerPart)) {
                    return false;
                }
            } else if (!member.getValue().equals(there)) {
                return false;
            }
        }
        return true;
    }

    /** Both objects' members; of a key that both have, both merged if they are objects, else the second's. */
    private static RegoValue merge(RegoValue left, RegoValue right, Budget budget) throws RegoException {
        if (!(left instanceof RegoValue.ObjectValue first) || !(right instanceof RegoValue.ObjectValue second)) {
            return right;
        }
        budget.charge((long) first.weight() + second.weight());
        Map<RegoValue, RegoValue> members = new TreeMap<>(first.members());
        for (Map.Entry<RegoValue, RegoValue> member : second.members().entrySet()) {
            RegoValue before = members.get(member.getKey());
            members.put(member.getKey(), before == null ? member.getValue() : merge(before, member.getValue(), budget));
        }
        return RegoValue.ObjectValue.of(members);
    }

    private static RegoValue mergeAll(Arguments arguments) throws RegoException {
        RegoValue result = RegoValue.ObjectValue.of(Map.of());
        for (RegoValue object : arguments.array(0)) {
            if (!(object instanceof RegoValue.ObjectValue)) {
                throw new RegoException("argument 1 has an item that is a " + object.kind() + ", expected objects");
            }
            result = merge(result, object, arguments.budget());
        }
        return result;
    }
}
