package dev.bulla.kbs.rego;

import org.jspecify.annotations.Nullable;

/**
 * A built-in function.
 *
 * @param arity how many arguments it has
 * @param body what it does
 */
record Builtin(int arity, Body body) {

    /** What a function does. */
    @FunctionalInterface
    interface Body {
        /** The result, or null where there is none. */
        @Nullable
        RegoValue call(Arguments arguments) throws RegoException;
    }
}
