package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Puts a body's goals in an order in which each reads only what those before have bound, the order of the text where it can be.
 * A body for which there is none has a variable that nothing binds: it is unsafe, and refused.
 */
final class GoalOrder {
    private final Set<Integer> bound;
    private final IntFunction<String> names;

    private GoalOrder(Set<Integer> bound, IntFunction<String> names) {
        this.bound = bound;
        this.names = names;
    }

    /**
     * Orders goals.
     *
     * @param bound the slots that are bound before; those that the goals bind are added
     * @param names what to call a slot in a refusal
     */
    static List<Step> order(List<Goal> goals, Set<Integer> bound, IntFunction<String> names) throws RegoException {
        GoalOrder order = new GoalOrder(bound, names);
        List<Step> steps = new ArrayList<>();
        List<Goal> waiting = new ArrayList<>(goals);
        while (!waiting.isEmpty()) {
            if (!order.takeFirst(waiting, steps)) {
                throw order.unsafe(waiting.getFirst());
            }
        }
        return List.copyOf(steps);
    }

    private boolean takeFirst(List<Goal> waiting, List<Step> steps) {
        for (int i = 0; i < waiting.size(); i++) {
            Optional<Step> step = ready(waiting.get(i));
            if (step.isPresent()) {
                steps.add(step.get());
                waiting.remove(i);
                return true;
            }
        }
        return false;
    }

    private RegoException unsafe(Goal goal) {
        for (int slot : goal.slots().stream().sorted().toList()) {
            if (!bound.contains(slot) && !names.apply(slot).isEmpty()) {
                return goal.position()
                        .refuse("variable " + Quoted.text(names.apply(slot)) + " is unsafe: nothing binds it");
            }
        }
        return goal.position().refuse("an expression is unsafe: nothing binds a variable in it");
    }

    private Optional<Step> ready(Goal goal) {
        return switch (goal) {
            case Goal.Holds holds ->
                isBound(holds.plan()) ? Optional.of(new Step.Check(holds.plan())) : Optional.empty();
            case Goal.Same same -> match(same.left(), same.right()).or(() -> match(same.right(), same.left()));
            case Goal.Each each -> each(each);
            case Goal.Never never ->
                bound.containsAll(never.outer()) ? Optional.of(new Step.Never(never.body())) : Optional.empty();
            case Goal.All all ->
                isBound(all.collection()) && bound.containsAll(all.outer())
                        ? Optional.of(new Step.All(all.collection(), all.keySlot(), all.valueSlot(), all.body()))
                        : Optional.empty();
        };
    }

    private Optional<Step> match(Plan side, Plan other) {
        if (!isBound(other)) {
            return Optional.empty();
        }
        Set<Integer> binds = new HashSet<>();
        Optional<Pattern> pattern = pattern(side, binds);
        bound.addAll(pattern.isPresent() ? binds : Set.of());
        return pattern.map(found -> new Step.Match(found, other));
    }

    private Optional<Step> each(Goal.Each each) {
        if (!isBound(each.collection())) {
            return Optional.empty();
        }
        Set<Integer> binds = new HashSet<>();
        Optional<Pattern> key = pattern(each.key(), binds);
        Optional<Pattern> value = pattern(each.value(), binds);
        if (key.isEmpty() || value.isEmpty()) {
            return Optional.empty();
        }
        bound.addAll(binds);
        return Optional.of(new Step.Each(each.collection(), key.get(), value.get()));
    }

    private boolean isBound(Plan plan) {
        Set<Integer> slots = new HashSet<>();
        Plan.slots(plan, slots);
        return bound.containsAll(slots);
    }

    /** The plan as a pattern, if what it reads is bound and what it binds stands where a pattern can bind it. */
    private Optional<Pattern> pattern(Plan plan, Set<Integer> binds) {
        Set<Integer> slots = new HashSet<>();
        Plan.slots(plan, slots);
        slots.removeAll(bound);
        if (binds.containsAll(slots)) {
            return Optional.of(new Pattern.Equal(plan));
        }
        switch (plan) {
            case Plan.Slot slot -> {
                binds.add(slot.index());
                return Optional.of(new Pattern.Bind(slot.index()));
            }
            case Plan.ArrayOf array -> {
                List<Pattern> items = new ArrayList<>();
                for (Plan item : array.items()) {
                    Optional<Pattern> pattern = pattern(item, binds);
                    if (pattern.isEmpty()) {
                        return Optional.empty();
                    }
                    items.add(pattern.get());
                }
                return Optional.of(new Pattern.Items(List.copyOf(items)));
            }
            case Plan.ObjectOf object -> {
                List<Pattern.Member> members = new ArrayList<>();
                for (Plan.Member member : object.members()) {
                    Optional<Pattern> pattern =
                            isBound(member.key()) ? pattern(member.value(), binds) : Optional.empty();
                    if (pattern.isEmpty()) {
                        return Optional.empty();
                    }
                    members.add(new Pattern.Member(member.key(), pattern.get()));
                }
                return Optional.of(new Pattern.Members(List.copyOf(members)));
            }
            default -> {
                return Optional.empty();
            }
        }
    }
}
