package dev.bulla.kbs.rego;

import java.util.List;

/** A part of a body, which holds or does not. */
sealed interface Statement {
    /** Where it begins. */
    Position position();

    /** An expression that is defined and not false. */
    record Holds(Term term, Position position) implements Statement {}

    /** {@code not statement}. */
    record Not(Statement statement, Position position) implements Statement {}

    /** {@code pattern := term}. */
    record Assign(Term pattern, Term term, Position position) implements Statement {}

    /** {@code left = right}. */
    record Unify(Term left, Term right, Position position) implements Statement {}

    /** {@code some x, y}. */
    record Some(List<Term.Name> names, Position position) implements Statement {}

    /** {@code some value in collection}, {@code some key, value in collection}. */
    record SomeIn(List<Term> keyAndValue, Term collection, Position position) implements Statement {}

    /** {@code every value in collection { body }}, {@code every key, value in collection { body }}. */
    record Every(List<Term.Name> keyAndValue, Term collection, List<Statement> body, Position position)
            implements Statement {}
}
