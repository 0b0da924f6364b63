package dev.bulla.kbs.rego;

import java.util.List;
import java.util.Map;

/** Functions that ask what a value is. */
final class TypeBuiltins {
    private TypeBuiltins() {}

    static void addTo(Map<String, Builtin> all) {
        for (String kind : List.of("null", "boolean", "number", "string", "array", "object", "set")) {
            all.put(
                    "is_" + kind,
                    new Builtin(
                            1,
                            arguments -> RegoValue.BooleanValue.of(
                                    arguments.value(0).kind().equals(kind))));
        }
        all.put(
                "type_name",
                new Builtin(
                        1,
                        arguments -> RegoValue.TextValue.of(arguments.value(0).kind())));
    }
}
