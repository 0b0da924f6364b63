package dev.bulla.kbs.rego;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The variables of a body, within those of the bodies around it. */
final class Scope {
    private final @Nullable Scope outer;
    private final int start;
    private final Map<String, Integer> slots = new HashMap<>();

    /** Declared by statements that have not been reached. */
    private final Set<String> later = new HashSet<>();

    /** Declared by {@code some}, and not used so far. */
    private final Map<String, Position> unused = new LinkedHashMap<>();

    Scope(@Nullable Scope outer, int start) {
        this.outer = outer;
        this.start = start;
    }

    /** The first slot that can be this scope's; those below are of the scopes around. */
    int start() {
        return start;
    }

    void declaresLater(String name) {
        later.add(name);
    }

    boolean isDeclared(String name) {
        return later.contains(name) || slots.containsKey(name);
    }

    /** Whether a scope around this one has the variable. */
    boolean isOuter(String name) {
        return outer != null && (outer.isDeclared(name) || outer.isOuter(name));
    }

    void put(String name, int slot) {
        later.remove(name);
        slots.put(name, slot);
    }

    boolean has(String name) {
        return slots.containsKey(name);
    }

    void mustBeUsed(String name, Position position) {
        unused.put(name, position);
    }

    Map<String, Position> unused() {
        return unused;
    }

    /** The variable's slot, or nothing where no scope has it. */
    @Nullable
    Integer find(Term.Name name) throws RegoException {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            if (scope.later.contains(name.name())) {
                throw name.position().refuse("variable " + name.name() + " is used before it is declared");
            }
            Integer slot = scope.slots.get(name.name());
            if (slot != null) {
                scope.unused.remove(name.name());
                return slot;
            }
        }
        return null;
    }
}
