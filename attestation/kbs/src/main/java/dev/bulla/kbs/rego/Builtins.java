package dev.bulla.kbs.rego;

import java.util.HashMap;
import java.util.Map;

/** The built-in functions of the subset, by OPA's names. An argument of a wrong type ends the evaluation. */
final class Builtins {
    static final Map<String, Builtin> ALL = all();

    private Builtins() {}

    private static Map<String, Builtin> all() {
        Map<String, Builtin> all = new HashMap<>();
        CollectionBuiltins.addTo(all);
        NumberBuiltins.addTo(all);
        TextBuiltins.addTo(all);
        EncodingBuiltins.addTo(all);
        TypeBuiltins.addTo(all);
        return Map.copyOf(all);
    }
}
