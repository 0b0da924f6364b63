package dev.bulla.kbs.rego;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A part of a body whose names are resolved, before it is known in which order the parts run. */
sealed interface Goal {
    /** Where it begins. */
    Position position();

    /** The plan has a value that is not false. */
    record Holds(Plan plan, Position position) implements Goal {}

    /** Both sides are equal; either may bind variables to parts of the other. */
    record Same(Plan left, Plan right, Position position) implements Goal {}

    /** A member of the collection. */
    record Each(Plan collection, Plan key, Plan value, Position position) implements Goal {}

    /** A body that never holds; {@code outer} are the slots around it that it reads. */
    record Never(List<Step> body, Set<Integer> outer, Position position) implements Goal {}

    /** A body that holds for each member; {@code outer} are the slots around it that it reads. */
    record All(Plan collection, int keySlot, int valueSlot, List<Step> body, Set<Integer> outer, Position position)
            implements Goal {}

    /** The slots that the goal reads or binds. */
    default Set<Integer> slots() {
        Set<Integer> slots = new HashSet<>();
        switch (this) {
            case Holds holds -> Plan.slots(holds.plan(), slots);
            case Same same -> {
                Plan.slots(same.left(), slots);
                Plan.slots(same.right(), slots);
            }
            case Each each -> {
                Plan.slots(each.collection(), slots);
                Plan.slots(each.key(), slots);
                Plan.slots(each.value(), slots);
            }
            case Never never -> slots.addAll(never.outer());
            case All all -> {
                Plan.slots(all.collection(), slots);
                slots.addAll(all.outer());
            }
        }
        return slots;
    }
}
