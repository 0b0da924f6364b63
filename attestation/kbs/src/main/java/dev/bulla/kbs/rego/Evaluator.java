package dev.bulla.kbs.rego;

import dev.bulla.oci.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One evaluation of a module. Where a value is {@code null}, there is none: it is undefined. */
final class Evaluator {
    private final Map<String, CompiledRule> rules;
    private final RegoValue input;
    private final RegoValue data;
    private final Map<String, RegoFunction> functions;
    private final Budget budget = new Budget();
    private final Map<String, Optional<RegoValue>> known = new HashMap<>();

    Evaluator(Map<String, CompiledRule> rules, RegoValue input, RegoValue data, Map<String, RegoFunction> functions) {
        this.rules = rules;
        this.input = input;
        this.data = data;
        this.functions = functions;
    }

    /** Takes a solution of a body; returns whether others are wanted. */
    private interface Solution {
        boolean found() throws RegoException;
    }

    /** The value of the rule of that name. */
    Optional<RegoValue> rule(String name) throws RegoException {
        Optional<RegoValue> before = known.get(name);
        if (before != null) {
            return before;
        }
        CompiledRule rule = rules.get(name);
        if (rule == null || rule.kind() == Rule.Kind.FUNCTION) {
            return Optional.empty();
        }
        budget.enter();
        Optional<RegoValue> value = switch (rule.kind()) {
            case SET -> Optional.of(partialSet(rule));
            case OBJECT -> Optional.of(partialObject(rule));
            default -> complete(rule, List.of()).or(rule::defaultValue);
        };
        budget.leave();
        known.put(name, value);
        return value;
    }

    private Optional<RegoValue> complete(CompiledRule rule, List<RegoValue> arguments) throws RegoException {
        Optional<RegoValue> result = Optional.empty();
        for (List<CompiledRule.Branch> definition : rule.definitions()) {
            Optional<RegoValue> value = Optional.empty();
            for (CompiledRule.Branch branch : definition) {
                value = branch(branch, rule, arguments);
                if (value.isPresent()) {
                    break;
                }
            }
            if (value.isPresent()) {
                CompiledRule.Branch first = definition.getFirst();
                if (result.isPresent() && !equal(result.get(), value.get())) {
                    throw first.position().refuse("rule " + rule.name() + " has several values");
                }
                result = value;
            }
        }
        return result;
    }

    private Optional<RegoValue> branch(CompiledRule.Branch branch, CompiledRule rule, List<RegoValue> arguments)
            throws RegoException {
        budget.charge(branch.slots() / 16);
        @Nullable RegoValue[] frame = new RegoValue[branch.slots()];
        for (int i = 0; i < arguments.size(); i++) {
            frame[i] = arguments.get(i);
        }
        List<RegoValue> values = new ArrayList<>(1);
        solve(branch.steps(), frame, () -> {
            RegoValue value = evaluate(branch.value(), frame);
            if (value != null) {
                if (!values.isEmpty() && !equal(values.getFirst(), value)) {
                    throw branch.position().refuse("rule " + rule.name() + " has several values");
                }
                values.add(value);
            }
            return !(branch.value() instanceof Plan.Constant);
        });
        return values.stream().findFirst();
    }

    private RegoValue partialSet(CompiledRule rule) throws RegoException {
        List<RegoValue> items = new ArrayList<>();
        for (List<CompiledRule.Branch> definition : rule.definitions()) {
            CompiledRule.Branch branch = definition.getFirst();
            @Nullable RegoValue[] frame = new RegoValue[branch.slots()];
            solve(branch.steps(), frame, () -> collect(branch.value(), frame, items));
        }
        return set(items);
    }

    private RegoValue partialObject(CompiledRule rule) throws RegoException {
        Map<RegoValue, RegoValue> members = new TreeMap<>();
        for (List<CompiledRule.Branch> definition : rule.definitions()) {
            CompiledRule.Branch branch = definition.getFirst();
            @Nullable RegoValue[] frame = new RegoValue[branch.slots()];
            solve(branch.steps(), frame, () -> put(branch.key(), branch.value(), frame, members, branch.position()));
        }
        return RegoValue.ObjectValue.of(members);
    }

    private boolean collect(Plan plan, @Nullable RegoValue[] frame, List<RegoValue> items) throws RegoException {
        RegoValue value = evaluate(plan, frame);
        if (value != null) {
            budget.charge(value.weight());
            items.add(value);
        }
        return true;
    }

    private boolean put(
            Plan key, Plan value, @Nullable RegoValue[] frame, Map<RegoValue, RegoValue> members, Position position)
            throws RegoException {
        RegoValue keyValue = evaluate(key, frame);
        RegoValue memberValue = evaluate(value, frame);
        if (keyValue != null && memberValue != null) {
            budget.chargeSorting(members.size(), (long) keyValue.weight() + memberValue.weight());
            RegoValue previous = members.putIfAbsent(keyValue, memberValue);
            if (previous != null && !equal(previous, memberValue)) {
                throw position.refuse("an object has several values for a key");
            }
        }
        return true;
    }

    private RegoValue set(Collection<RegoValue> items) throws RegoException {
        budget.chargeSorting(items.size(), weight(items));
        return RegoValue.SetValue.of(items);
    }

    static long weight(Collection<RegoValue> values) {
        return values.stream().mapToLong(RegoValue::weight).sum();
    }

    /** Gives each way in which the steps hold, until one is the last that is wanted. */
    private void solve(List<Step> steps, @Nullable RegoValue[] frame, Solution solution) throws RegoException {
        budget.enter();
        budget.charge(steps.size() / 16);
        List<@Nullable Iterator<Map.Entry<RegoValue, RegoValue>>> choices =
                new ArrayList<>(Collections.nCopies(steps.size(), null));
        int at = 0;
        boolean forward = true;
        while (at >= 0) {
            if (forward && at == steps.size()) {
                budget.charge(1);
                if (!solution.found()) {
                    break;
                }
                forward = false;
                at--;
            } else if (forward) {
                budget.charge(1);
                if (steps.get(at) instanceof Step.Each each) {
                    choices.set(at, members(each, frame));
                    forward = false;
                } else if (holds(steps.get(at), frame)) {
                    at++;
                } else {
                    forward = false;
                    at--;
                }
            } else {
                Iterator<Map.Entry<RegoValue, RegoValue>> choice = choices.get(at);
                if (choice != null && steps.get(at) instanceof Step.Each each && advance(choice, each, frame)) {
                    forward = true;
                    at++;
                } else {
                    choices.set(at, null);
                    at--;
                }
            }
        }
        budget.leave();
    }

    private boolean advance(
            Iterator<Map.Entry<RegoValue, RegoValue>> choice, Step.Each each, @Nullable RegoValue[] frame)
            throws RegoException {
        while (choice.hasNext()) {
            budget.charge(1);
            Map.Entry<RegoValue, RegoValue> member = choice.next();
            if (matches(each.key(), member.getKey(), frame) && matches(each.value(), member.getValue(), frame)) {
                return true;
            }
        }
        return false;
    }

    /** The collection's members that may match: of a key that is known, the one. */
    private Iterator<Map.Entry<RegoValue, RegoValue>> members(Step.Each each, @Nullable RegoValue[] frame)
            throws RegoException {
        RegoValue collection = evaluate(each.collection(), frame);
        if (collection == null) {
            return Collections.emptyIterator();
        }
        if (each.key() instanceof Pattern.Equal(Plan plan)) {
            RegoValue key = evaluate(plan, frame);
            RegoValue value = key == null ? null : find(collection, key);
            return key == null || value == null
                    ? Collections.emptyIterator()
                    : Collections.singleton(Map.entry(key, value)).iterator();
        }
        return members(collection);
    }

    private static Iterator<Map.Entry<RegoValue, RegoValue>> members(RegoValue collection) {
        return switch (collection) {
            case RegoValue.ArrayValue array ->
                IntStream.range(0, array.items().size())
                        .mapToObj(i -> Map.<RegoValue, RegoValue>entry(
                                RegoValue.NumberValue.of(i), array.items().get(i)))
                        .iterator();
            case RegoValue.ObjectValue object -> object.members().entrySet().iterator();
            case RegoValue.SetValue set ->
                set.items().stream().map(item -> Map.entry(item, item)).iterator();
            default -> Collections.emptyIterator();
        };
    }

    private boolean holds(Step step, @Nullable RegoValue[] frame) throws RegoException {
        return switch (step) {
            case Step.Check check -> {
                RegoValue value = evaluate(check.plan(), frame);
                yield value != null && !value.equals(RegoValue.BooleanValue.FALSE);
            }
            case Step.Match match -> {
                RegoValue value = evaluate(match.plan(), frame);
                yield value != null && matches(match.pattern(), value, frame);
            }
            case Step.Never never -> !hasSolution(never.body(), frame);
            case Step.All all -> all(all, frame);
            case Step.Each each -> throw new IllegalStateException("a step that may hold several times");
        };
    }

    private boolean hasSolution(List<Step> steps, @Nullable RegoValue[] frame) throws RegoException {
        boolean[] found = {false};
        solve(steps, frame, () -> {
            found[0] = true;
            return false;
        });
        return found[0];
    }

    private boolean all(Step.All all, @Nullable RegoValue[] frame) throws RegoException {
        RegoValue collection = evaluate(all.collection(), frame);
        if (!(collection instanceof RegoValue.ArrayValue
                || collection instanceof RegoValue.ObjectValue
                || collection instanceof RegoValue.SetValue)) {
            return false;
        }
        Iterator<Map.Entry<RegoValue, RegoValue>> members = members(collection);
        while (members.hasNext()) {
            Map.Entry<RegoValue, RegoValue> member = members.next();
            frame[all.keySlot()] = member.getKey();
            frame[all.valueSlot()] = member.getValue();
            if (!hasSolution(all.body(), frame)) {
                return false;
            }
        }
        return true;
    }

    private boolean matches(Pattern pattern, RegoValue value, @Nullable RegoValue[] frame) throws RegoException {
        switch (pattern) {
            case Pattern.Bind(int slot) -> {
                frame[slot] = value;
                return true;
            }
            case Pattern.Equal(Plan plan) -> {
                RegoValue expected = evaluate(plan, frame);
                return expected != null && equal(expected, value);
            }
            case Pattern.Items(List<Pattern> items) -> {
                if (!(value instanceof RegoValue.ArrayValue array)
                        || array.items().size() != items.size()) {
                    return false;
                }
                for (int i = 0; i < items.size(); i++) {
                    if (!matches(items.get(i), array.items().get(i), frame)) {
                        return false;
                    }
                }
                return true;
            }
            case Pattern.Members(List<Pattern.Member> members) -> {
                if (!(value instanceof RegoValue.ObjectValue object)
                        || object.members().size() != members.size()) {
                    return false;
                }
                for (Pattern.Member member : members) {
                    RegoValue key = evaluate(member.key(), frame);
                    RegoValue part = key == null ? null : find(object, key);
                    if (part == null || !matches(member.value(), part, frame)) {
                        return false;
                    }
                }
                return true;
            }
        }
    }

    private @Nullable RegoValue evaluate(Plan plan, @Nullable RegoValue[] frame) throws RegoException {
        budget.charge(1);
        budget.enter();
        RegoValue value = switch (plan) {
            case Plan.Constant constant -> constant.value();
            case Plan.Slot slot -> frame[slot.index()];
            case Plan.Input i -> input;
            case Plan.Data d -> data;
            case Plan.RuleValue rule -> rule(rule.rule()).orElse(null);
            case Plan.Lookup lookup -> {
                RegoValue base = evaluate(lookup.base(), frame);
                RegoValue key = base == null ? null : evaluate(lookup.key(), frame);
                yield base == null || key == null ? null : find(base, key);
            }
            case Plan.ArrayOf array -> {
                List<RegoValue> items = all(array.items(), frame);
                yield items == null ? null : RegoValue.ArrayValue.of(items);
            }
            case Plan.SetOf set -> {
                List<RegoValue> items = all(set.items(), frame);
                yield items == null ? null : set(items);
            }
            case Plan.ObjectOf object -> object(object, frame);
            case Plan.Collect collect -> collect(collect, frame);
            case Plan.CallBuiltin call -> {
                List<RegoValue> arguments = all(call.arguments(), frame);
                yield arguments == null ? null : builtin(call, arguments);
            }
            case Plan.CallRule call -> {
                List<RegoValue> arguments = all(call.arguments(), frame);
                CompiledRule rule = rules.get(call.rule());
                yield arguments == null || rule == null
                        ? null
                        : complete(rule, arguments).orElse(null);
            }
            case Plan.CallGiven call -> {
                List<RegoValue> arguments = all(call.arguments(), frame);
                yield arguments == null ? null : given(call, arguments);
            }
            case Plan.Apply apply -> {
                RegoValue left = evaluate(apply.left(), frame);
                RegoValue right = left == null ? null : evaluate(apply.right(), frame);
                yield left == null || right == null ? null : apply(apply, left, right);
            }
            case Plan.Has has -> has(has, frame);
        };
        budget.leave();
        return value;
    }

    private @Nullable List<RegoValue> all(List<Plan> plans, @Nullable RegoValue[] frame) throws RegoException {
        List<RegoValue> values = new ArrayList<>(plans.size());
        long weight = 0;
        for (Plan plan : plans) {
            RegoValue value = evaluate(plan, frame);
            if (value == null) {
                return null;
            }
            weight += value.weight();
            values.add(value);
        }
        budget.charge(weight / 64);
        return values;
    }

    private @Nullable RegoValue object(Plan.ObjectOf object, @Nullable RegoValue[] frame) throws RegoException {
        Map<RegoValue, RegoValue> members = new TreeMap<>();
        for (Plan.Member member : object.members()) {
            RegoValue key = evaluate(member.key(), frame);
            RegoValue value = evaluate(member.value(), frame);
            if (key == null || value == null) {
                return null;
            }
            budget.chargeSorting(members.size(), key.weight());
            if (members.put(key, value) != null) {
                throw object.position().refuse("an object has the same key twice");
            }
        }
        return RegoValue.ObjectValue.of(members);
    }

    private RegoValue collect(Plan.Collect collect, @Nullable RegoValue[] frame) throws RegoException {
        if (collect.shape() == Term.Shape.OBJECT) {
            Map<RegoValue, RegoValue> members = new TreeMap<>();
            solve(collect.body(), frame, () -> put(collect.key(), collect.value(), frame, members, collect.position()));
            return RegoValue.ObjectValue.of(members);
        }
        List<RegoValue> items = new ArrayList<>();
        solve(collect.body(), frame, () -> collect(collect.value(), frame, items));
        return collect.shape() == Term.Shape.SET ? set(items) : RegoValue.ArrayValue.of(items);
    }

    private @Nullable RegoValue builtin(Plan.CallBuiltin call, List<RegoValue> arguments) throws RegoException {
        try {
            budget.charge(weight(arguments));
            RegoValue result = call.builtin().body().call(new Arguments(arguments, budget));
            if (result != null) {
                budget.charge(result.weight());
            }
            return result;
        } catch (RegoException e) {
            throw e.placedAt(call.position());
        }
    }

    private RegoValue given(Plan.CallGiven call, List<RegoValue> arguments) throws RegoException {
        RegoFunction function = functions.get(call.name());
        if (function == null) {
            throw call.position().refuse("function " + call.name() + " is not given here");
        }
        try {
            List<JsonValue> json = new ArrayList<>();
            for (RegoValue argument : arguments) {
                json.add(JsonForm.write(argument));
            }
            RegoValue result = JsonForm.read(function.call(json));
            budget.charge(result.weight());
            return result;
        } catch (RegoException e) {
            throw e.placedAt(call.position());
        }
    }

    private @Nullable RegoValue has(Plan.Has has, @Nullable RegoValue[] frame) throws RegoException {
        RegoValue collection = evaluate(has.collection(), frame);
        RegoValue value = evaluate(has.value(), frame);
        if (collection == null || value == null) {
            return null;
        }
        if (has.key().isPresent()) {
            RegoValue key = evaluate(has.key().get(), frame);
            if (key == null) {
                return null;
            }
            RegoValue there = find(collection, key);
            return RegoValue.BooleanValue.of(there != null && equal(there, value));
        }
        Iterator<Map.Entry<RegoValue, RegoValue>> members = members(collection);
        while (members.hasNext()) {
            budget.charge(1);
            if (equal(members.next().getValue(), value)) {
                return RegoValue.BooleanValue.TRUE;
            }
        }
        return RegoValue.BooleanValue.FALSE;
    }

    private RegoValue apply(Plan.Apply apply, RegoValue left, RegoValue right) throws RegoException {
        budget.charge(((long) left.weight() + right.weight()) / 8);
        try {
            return Arithmetic.apply(apply.operator(), left, right, budget);
        } catch (RegoException e) {
            throw e.placedAt(apply.position());
        }
    }

    /** Looks a key up, which compares it with so many others as a search in their order takes. */
    private @Nullable RegoValue find(RegoValue collection, RegoValue key) throws RegoException {
        int comparisons = Integer.SIZE - Integer.numberOfLeadingZeros(collection.weight());
        budget.charge(Math.min(key.weight(), collection.weight()) / 8L * comparisons);
        return lookup(collection, key);
    }

    static @Nullable RegoValue lookup(RegoValue base, RegoValue key) {
        return switch (base) {
            case RegoValue.ArrayValue array ->
                key instanceof RegoValue.NumberValue number
                                && number.isInteger()
                                && number.value().signum() >= 0
                                && number.value()
                                                .compareTo(BigDecimal.valueOf(
                                                        array.items().size()))
                                        < 0
                        ? array.items().get(number.value().intValueExact())
                        : null;
            case RegoValue.ObjectValue object -> object.members().get(key);
            case RegoValue.SetValue set -> set.items().contains(key) ? key : null;
            default -> null;
        };
    }

    private boolean equal(RegoValue left, RegoValue right) throws RegoException {
        budget.charge(Math.min(left.weight(), right.weight()) / 8);
        return left.compareTo(right) == 0;
    }
}
