package dev.bulla.kbs.rego;

import java.util.List;
import java.util.function.Consumer;

/** The names that stand in terms and statements. */
final class TermNames {
    private TermNames() {}

    /** Names in a body's statement, without those of bodies within it, and without those that it declares. */
    static void of(Statement statement, Consumer<Term.Name> names) {
        switch (statement) {
            case Statement.Holds holds -> of(holds.term(), names);
            case Statement.Not not -> of(not.statement(), names);
            case Statement.Assign assign -> of(assign.term(), names);
            case Statement.Unify unify -> {
                of(unify.left(), names);
                of(unify.right(), names);
            }
            case Statement.Some some -> {}
            case Statement.SomeIn someIn -> of(someIn.collection(), names);
            case Statement.Every every -> of(every.collection(), names);
        }
    }

    /** Names in a term, without those of bodies within it. */
    static void of(Term term, Consumer<Term.Name> names) {
        switch (term) {
            case Term.Scalar scalar -> {}
            case Term.Name name -> {
                if (!name.isWildcard()) {
                    names.accept(name);
                }
            }
            case Term.Reference reference -> {
                of(reference.head(), names);
                all(reference.path(), names);
            }
            case Term.ArrayLiteral array -> all(array.items(), names);
            case Term.SetLiteral set -> all(set.items(), names);
            case Term.ObjectLiteral object ->
                object.members().forEach(member -> {
                    of(member.key(), names);
                    of(member.value(), names);
                });
            case Term.Comprehension comprehension -> {}
            case Term.Call call -> all(call.arguments(), names);
            case Term.Infix infix -> {
                of(infix.left(), names);
                of(infix.right(), names);
            }
            case Term.Membership membership -> {
                all(membership.keyAndValue(), names);
                of(membership.collection(), names);
            }
        }
    }

    private static void all(List<Term> terms, Consumer<Term.Name> names) {
        terms.forEach(term -> of(term, names));
    }

    /** Names that a statement declares. */
    static void declared(Statement statement, Consumer<Term.Name> names) {
        switch (statement) {
            case Statement.Assign assign -> ofPattern(assign.pattern(), names);
            case Statement.Some some -> some.names().forEach(names);
            case Statement.SomeIn someIn -> someIn.keyAndValue().forEach(term -> ofPattern(term, names));
            case Statement.Holds h -> {}
            case Statement.Not n -> {}
            case Statement.Unify u -> {}
            case Statement.Every e -> {}
        }
    }

    /** Names in a pattern that are variables of it: not in references, calls or keys. */
    static void ofPattern(Term term, Consumer<Term.Name> names) {
        switch (term) {
            case Term.Name name -> {
                if (!name.isWildcard()) {
                    names.accept(name);
                }
            }
            case Term.ArrayLiteral array -> array.items().forEach(item -> ofPattern(item, names));
            case Term.ObjectLiteral object -> object.members().forEach(member -> ofPattern(member.value(), names));
            default -> {}
        }
    }
}
