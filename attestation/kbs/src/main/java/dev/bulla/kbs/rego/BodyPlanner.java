package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Plans one branch of a rule: gives its variables slots, resolves its names, and orders its bodies. */
final class BodyPlanner {
    /** How many goals a body may come to. */
    static final int MAX_GOALS = 2_000;

    private final ModuleNames module;
    private final Set<String> dependencies;
    private final List<String> slotNames = new ArrayList<>();
    private final TermPlanner terms;

    /**
     * A planner.
     *
     * @param module what names stand for
     * @param dependencies to which the rules are added that the branch refers to
     */
    BodyPlanner(ModuleNames module, Set<String> dependencies) {
        this.module = module;
        this.dependencies = dependencies;
        this.terms = new TermPlanner(module, this);
    }

    /**
     * A planned body.
     *
     * @param steps its statements
     * @param heads what is evaluated each time they hold
     * @param outer the slots of the bodies around it that it reads
     */
    record Planned(List<Step> steps, List<Plan> heads, Set<Integer> outer) {}

    /** How many slots the branch has. */
    int slots() {
        return slotNames.size();
    }

    int newSlot(String name) {
        slotNames.add(name);
        return slotNames.size() - 1;
    }

    void dependsOn(String rule) {
        dependencies.add(rule);
    }

    /** Plans a rule's body; the first slots are its arguments. */
    Planned branch(List<Term> arguments, List<Statement> statements, List<Term> heads) throws RegoException {
        for (int i = 0; i < arguments.size(); i++) {
            newSlot("");
        }
        Scope scope = new Scope(null, slots());
        List<Goal> goals = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            Term argument = arguments.get(i);
            if (argument instanceof Term.Name name && !name.isWildcard() && !scope.has(name.name())) {
                checkDeclarable(name);
                scope.put(name.name(), i);
            }
        }
        for (int i = 0; i < arguments.size(); i++) {
            Term argument = arguments.get(i);
            boolean isVariable = argument instanceof Term.Name name
                    && (name.isWildcard() || Integer.valueOf(i).equals(scope.find(name)));
            if (!isVariable) {
                declareAbsent(argument, scope);
                checkPattern(argument);
                same(terms.plan(argument, scope, goals), new Plan.Slot(i), argument.position(), goals);
            }
        }
        return body(statements, heads, scope, goals);
    }

    /** Plans a body within another. */
    Planned inner(List<Statement> statements, List<Term> heads, Scope around) throws RegoException {
        return body(statements, heads, new Scope(around, slots()), new ArrayList<>());
    }

    private Planned body(List<Statement> statements, List<Term> heads, Scope scope, List<Goal> goals)
            throws RegoException {
        statements.forEach(statement -> TermNames.declared(statement, name -> {
            if (!scope.has(name.name())) {
                scope.declaresLater(name.name());
            }
        }));
        Set<String> implicit = new LinkedHashSet<>();
        statements.forEach(statement -> TermNames.of(statement, name -> implicit.add(name.name())));
        heads.forEach(head -> TermNames.of(head, name -> implicit.add(name.name())));
        for (String name : implicit) {
            if (!scope.isDeclared(name) && !scope.isOuter(name) && !module.isGlobal(name)) {
                scope.put(name, newSlot(name));
            }
        }
        for (Statement statement : statements) {
            plan(statement, scope, goals);
        }
        List<Plan> headPlans = new ArrayList<>();
        for (Term head : heads) {
            headPlans.add(terms.plan(head, scope, goals));
        }
        if (goals.size() > MAX_GOALS) {
            throw goals.getFirst().position().refuse("a body comes to more than " + MAX_GOALS + " steps");
        }
        for (var unused : scope.unused().entrySet()) {
            throw unused.getValue().refuse("variable " + unused.getKey() + " is declared and not used");
        }
        Set<Integer> bound = below(scope.start());
        List<Step> steps = GoalOrder.order(goals, bound, slotNames::get);
        Set<Integer> used = new HashSet<>();
        for (int i = 0; i < headPlans.size(); i++) {
            Set<Integer> read = new HashSet<>();
            Plan.slots(headPlans.get(i), read);
            used.addAll(read);
            read.removeAll(bound);
            for (int slot : read) {
                throw heads.get(i)
                        .position()
                        .refuse("variable " + Quoted.text(slotNames.get(slot)) + " is unsafe: nothing binds it");
            }
        }
        goals.forEach(goal -> used.addAll(goal.slots()));
        return new Planned(steps, List.copyOf(headPlans), onlyBelow(scope.start(), used));
    }

    private static Set<Integer> below(int end) {
        return IntStream.range(0, end).boxed().collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<Integer> onlyBelow(int end, Set<Integer> slots) {
        return slots.stream().filter(slot -> slot < end).collect(Collectors.toUnmodifiableSet());
    }

    private void plan(Statement statement, Scope scope, List<Goal> goals) throws RegoException {
        switch (statement) {
            case Statement.Holds holds ->
                goals.add(new Goal.Holds(terms.plan(holds.term(), scope, goals), holds.position()));
            case Statement.Unify unify -> {
                Plan left = terms.plan(unify.left(), scope, goals);
                same(left, terms.plan(unify.right(), scope, goals), unify.position(), goals);
            }
            case Statement.Assign assign -> {
                Plan value = terms.plan(assign.term(), scope, goals);
                if (assign.pattern() instanceof Term.Scalar) {
                    throw assign.position().refuse("what is assigned to is not a variable, an array or an object");
                }
                checkPattern(assign.pattern());
                declare(assign.pattern(), scope, false);
                same(terms.plan(assign.pattern(), scope, goals), value, assign.position(), goals);
            }
            case Statement.Some some -> {
                for (Term.Name name : some.names()) {
                    declare(name, scope, true);
                }
            }
            case Statement.SomeIn someIn -> {
                Plan collection = terms.plan(someIn.collection(), scope, goals);
                for (Term term : someIn.keyAndValue()) {
                    declare(term, scope, false);
                }
                List<Term> pair = someIn.keyAndValue();
                Plan key = pair.size() == 2 ? terms.plan(pair.getFirst(), scope, goals) : new Plan.Slot(newSlot(""));
                Plan value = terms.plan(pair.getLast(), scope, goals);
                goals.add(new Goal.Each(collection, key, value, someIn.position()));
            }
            case Statement.Not not -> {
                int before = slots();
                List<Goal> inner = new ArrayList<>();
                terms.refusingWildcards(() -> plan(not.statement(), scope, inner));
                Set<Integer> used = new HashSet<>();
                inner.forEach(goal -> used.addAll(goal.slots()));
                List<Step> steps = GoalOrder.order(inner, below(before), slotNames::get);
                goals.add(new Goal.Never(steps, onlyBelow(before, used), not.position()));
            }
            case Statement.Every every -> {
                Plan collection = terms.plan(every.collection(), scope, goals);
                Scope pair = new Scope(scope, slots());
                int key = newSlot("");
                int value = newSlot("");
                for (int i = 0; i < every.keyAndValue().size(); i++) {
                    Term.Name name = every.keyAndValue().get(i);
                    if (!name.isWildcard()) {
                        checkDeclarable(name);
                        if (pair.has(name.name())) {
                            throw name.position().refuse("variable " + name.name() + " is declared twice");
                        }
                        pair.put(name.name(), i == every.keyAndValue().size() - 1 ? value : key);
                    }
                }
                Planned body = inner(every.body(), List.of(), pair);
                goals.add(new Goal.All(
                        collection, key, value, body.steps(), onlyBelow(pair.start(), body.outer()), every.position()));
            }
        }
    }

    /** Adds that both are equal; of two arrays or objects that are written out, that their parts are. */
    private static void same(Plan left, Plan right, Position position, List<Goal> goals) {
        if (left instanceof Plan.ArrayOf(List<Plan> lefts) && right instanceof Plan.ArrayOf(List<Plan> rights)) {
            if (lefts.size() != rights.size()) {
                goals.add(new Goal.Holds(new Plan.Constant(RegoValue.BooleanValue.FALSE), position));
                return;
            }
            for (int i = 0; i < lefts.size(); i++) {
                same(lefts.get(i), rights.get(i), position, goals);
            }
            return;
        }
        goals.add(new Goal.Same(left, right, position));
    }

    private static void checkPattern(Term term) throws RegoException {
        switch (term) {
            case Term.Name n -> {}
            case Term.Scalar s -> {}
            case Term.ArrayLiteral array -> {
                for (Term item : array.items()) {
                    checkPattern(item);
                }
            }
            case Term.ObjectLiteral object -> {
                for (Term.Member member : object.members()) {
                    checkPattern(member.value());
                }
            }
            default -> throw term.position().refuse("what is assigned to is not a variable, an array or an object");
        }
    }

    private void declare(Term pattern, Scope scope, boolean mustBeUsed) throws RegoException {
        List<Term.Name> names = new ArrayList<>();
        TermNames.ofPattern(pattern, names::add);
        for (Term.Name name : names) {
            checkDeclarable(name);
            if (scope.has(name.name())) {
                throw name.position().refuse("variable " + name.name() + " is declared twice");
            }
            scope.put(name.name(), newSlot(name.name()));
            if (mustBeUsed) {
                scope.mustBeUsed(name.name(), name.position());
            }
        }
    }

    private void declareAbsent(Term pattern, Scope scope) throws RegoException {
        List<Term.Name> names = new ArrayList<>();
        TermNames.ofPattern(pattern, names::add);
        for (Term.Name name : names) {
            checkDeclarable(name);
            if (!scope.has(name.name())) {
                scope.put(name.name(), newSlot(name.name()));
            }
        }
    }

    private static void checkDeclarable(Term.Name name) throws RegoException {
        if (name.name().equals("input") || name.name().equals("data")) {
            throw name.position().refuse(name.name() + " is no name for a variable");
        }
    }

    @Nullable
    Plan variable(Term.Name name, Scope scope) throws RegoException {
        Integer slot = scope.find(name);
        return slot == null ? null : new Plan.Slot(slot);
    }
}
