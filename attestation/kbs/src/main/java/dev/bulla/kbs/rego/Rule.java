package dev.bulla.kbs.rego;

import java.util.List;
import java.util.Optional;

/**
 * One definition of a rule as it is written; several may have the same name.
 *
 * @param name its name
 * @param kind what it makes
 * @param arguments a function's arguments
 * @param key a partial set's item, or a partial object's key
 * @param branches what comes first, and then each {@code else}
 * @param position where it begins
 */
record Rule(
        String name, Kind kind, List<Term> arguments, Optional<Term> key, List<Branch> branches, Position position) {

    /** What a rule makes. */
    enum Kind {
        DEFAULT("a default"),
        COMPLETE("a rule of one value"),
        SET("a partial set"),
        OBJECT("a partial object"),
        FUNCTION("a function");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * A value and when the rule has it.
     *
     * @param value the value; of a partial set, its item again
     * @param body what must hold; empty where nothing must
     * @param position where it begins
     */
    record Branch(Term value, List<Statement> body, Position position) {}
}
