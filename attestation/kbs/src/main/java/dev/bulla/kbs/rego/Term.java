package dev.bulla.kbs.rego;

import java.util.List;

/** A term or expression as it is written. */
sealed interface Term {
    /** Where it begins. */
    Position position();

    /** A number, string, boolean or null. */
    record Scalar(RegoValue value, Position position) implements Term {}

    /** A name: of a variable, a rule, an import, {@code input}, {@code data}, or {@code _}. */
    record Name(String name, Position position) implements Term {
        boolean isWildcard() {
            return name.equals("_");
        }
    }

    /** {@code head.key[key]}. */
    record Reference(Term head, List<Term> path, Position position) implements Term {}

    /** {@code [a, b]}. */
    record ArrayLiteral(List<Term> items, Position position) implements Term {}

    /** {@code {a, b}}. */
    record SetLiteral(List<Term> items, Position position) implements Term {}

    /** {@code {a: b}}. */
    record ObjectLiteral(List<Member> members, Position position) implements Term {}

    /** {@code a: b}. */
    record Member(Term key, Term value) {}

    /**
     * {@code [value | body]}, {@code {value | body}}, {@code {key: value | body}}.
     *
     * @param shape what it makes
     * @param key an object's key; else the value again
     */
    record Comprehension(Shape shape, Term key, Term value, List<Statement> body, Position position) implements Term {}

    /** What a comprehension makes. */
    enum Shape {
        ARRAY,
        SET,
        OBJECT
    }

    /** {@code name(arguments)}. */
    record Call(String name, List<Term> arguments, Position position) implements Term {}

    /** {@code left operator right}. */
    record Infix(Operator operator, Term left, Term right, Position position) implements Term {}

    /** {@code value in collection}, as {@code key, value in collection} where there is a key. */
    record Membership(List<Term> keyAndValue, Term collection, Position position) implements Term {}
}
