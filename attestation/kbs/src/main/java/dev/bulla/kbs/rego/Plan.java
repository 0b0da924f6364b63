package dev.bulla.kbs.rego;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An expression whose names are resolved: it has one value, or none. */
sealed interface Plan {

    /** Always the same value. */
    record Constant(RegoValue value) implements Plan {}

    /** The variable in that slot of the frame; the plan's steps bind it before it is read. */
    record Slot(int index) implements Plan {}

    /** The document {@code input}. */
    record Input() implements Plan {}

    /** The document {@code data}. */
    record Data() implements Plan {}

    /** What the rule of that name makes. */
    record RuleValue(String rule) implements Plan {}

    /** What stands at a key. */
    record Lookup(Plan base, Plan key) implements Plan {}

    record ArrayOf(List<Plan> items) implements Plan {}

    record SetOf(List<Plan> items) implements Plan {}

    record ObjectOf(List<Member> members, Position position) implements Plan {}

    record Member(Plan key, Plan value) {}

    /**
     * A comprehension.
     *
     * @param outer the slots of the bodies around it that it reads
     */
    record Collect(Term.Shape shape, Plan key, Plan value, List<Step> body, Set<Integer> outer, Position position)
            implements Plan {}

    /** A call of a built-in function. */
    record CallBuiltin(Builtin builtin, List<Plan> arguments, Position position) implements Plan {}

    /** A call of one of the module's functions. */
    record CallRule(String rule, List<Plan> arguments, Position position) implements Plan {}

    /** A call of a function that the caller gives. */
    record CallGiven(String name, List<Plan> arguments, Position position) implements Plan {}

    /** An infix operator. */
    record Apply(Operator operator, Plan left, Plan right, Position position) implements Plan {}

    /** Whether a collection has a value, at that key where there is one. */
    record Has(Optional<Plan> key, Plan value, Plan collection) implements Plan {}

    /** Adds the slots of the surrounding frame that the plan reads. */
    static void slots(Plan plan, Set<Integer> into) {
        switch (plan) {
            case Constant c -> {}
            case Input i -> {}
            case Data d -> {}
            case RuleValue r -> {}
            case Slot s -> into.add(s.index());
            case Lookup l -> {
                slots(l.base(), into);
                slots(l.key(), into);
            }
            case ArrayOf a -> a.items().forEach(item -> slots(item, into));
            case SetOf s -> s.items().forEach(item -> slots(item, into));
            case ObjectOf o ->
                o.members().forEach(member -> {
                    slots(member.key(), into);
                    slots(member.value(), into);
                });
            case Collect c -> into.addAll(c.outer());
            case CallBuiltin c -> c.arguments().forEach(argument -> slots(argument, into));
            case CallRule c -> c.arguments().forEach(argument -> slots(argument, into));
            case CallGiven c -> c.arguments().forEach(argument -> slots(argument, into));
            case Apply a -> {
                slots(a.left(), into);
                slots(a.right(), into);
            }
            case Has h -> {
                h.key().ifPresent(key -> slots(key, into));
                slots(h.value(), into);
                slots(h.collection(), into);
            }
        }
    }
}
