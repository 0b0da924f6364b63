package dev.bulla.kbs.rego;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Resolves terms. A reference whose key is a variable of the body goes through a collection's members: it becomes a goal of the
 * body, and the term reads what the goal found.
 */
final class TermPlanner {
    private final ModuleNames module;
    private final BodyPlanner bodies;
    private boolean refusingWildcards;

    TermPlanner(ModuleNames module, BodyPlanner bodies) {
        this.module = module;
        this.bodies = bodies;
    }

    /** Something that plans. */
    interface Planning {
        void run() throws RegoException;
    }

    /** Plans what stands after {@code not}, where a wildcard would have no meaning. */
    void refusingWildcards(Planning planning) throws RegoException {
        withWildcards(true, planning);
    }

    private void withWildcards(boolean refusing, Planning planning) throws RegoException {
        boolean before = refusingWildcards;
        refusingWildcards = refusing;
        planning.run();
        refusingWildcards = before;
    }

    Plan plan(Term term, Scope scope, List<Goal> goals) throws RegoException {
        return switch (term) {
            case Term.Scalar scalar -> new Plan.Constant(scalar.value());
            case Term.Name name -> name(name, scope, goals);
            case Term.Reference reference -> reference(reference, scope, goals);
            case Term.ArrayLiteral array -> {
                List<Plan> items = all(array.items(), scope, goals);
                Optional<List<RegoValue>> constants = constants(items);
                yield constants.isPresent()
                        ? new Plan.Constant(RegoValue.ArrayValue.of(constants.get()))
                        : new Plan.ArrayOf(items);
            }
            case Term.SetLiteral set -> {
                List<Plan> items = all(set.items(), scope, goals);
                Optional<List<RegoValue>> constants = constants(items);
                yield constants.isPresent()
                        ? new Plan.Constant(RegoValue.SetValue.of(constants.get()))
                        : new Plan.SetOf(items);
            }
            case Term.ObjectLiteral object -> object(object, scope, goals);
            case Term.Comprehension comprehension -> comprehension(comprehension, scope);
            case Term.Call call -> call(call, scope, goals);
            case Term.Infix infix -> {
                Plan left = plan(infix.left(), scope, goals);
                yield new Plan.Apply(infix.operator(), left, plan(infix.right(), scope, goals), infix.position());
            }
            case Term.Membership membership -> {
                List<Plan> pair = all(membership.keyAndValue(), scope, goals);
                yield new Plan.Has(
                        pair.size() == 2 ? Optional.of(pair.getFirst()) : Optional.empty(),
                        pair.getLast(),
                        plan(membership.collection(), scope, goals));
            }
        };
    }

    private List<Plan> all(List<Term> terms, Scope scope, List<Goal> goals) throws RegoException {
        List<Plan> plans = new ArrayList<>();
        for (Term term : terms) {
            plans.add(plan(term, scope, goals));
        }
        return List.copyOf(plans);
    }

    private static Optional<List<RegoValue>> constants(List<Plan> plans) {
        List<RegoValue> values = new ArrayList<>();
        for (Plan plan : plans) {
            if (!(plan instanceof Plan.Constant(RegoValue value))) {
                return Optional.empty();
            }
            values.add(value);
        }
        return Optional.of(values);
    }

    private Plan object(Term.ObjectLiteral object, Scope scope, List<Goal> goals) throws RegoException {
        List<Plan.Member> members = new ArrayList<>();
        Set<RegoValue> keys = new HashSet<>();
        boolean constant = true;
        for (Term.Member member : object.members()) {
            Plan key = plan(member.key(), scope, goals);
            Plan value = plan(member.value(), scope, goals);
            if (key instanceof Plan.Constant(RegoValue known) && !keys.add(known)) {
                throw member.key().position().refuse("an object has the same key twice");
            }
            constant &= key instanceof Plan.Constant && value instanceof Plan.Constant;
            members.add(new Plan.Member(key, value));
        }
        Plan.ObjectOf plan = new Plan.ObjectOf(List.copyOf(members), object.position());
        if (!constant) {
            return plan;
        }
        Map<RegoValue, RegoValue> values = new TreeMap<>();
        for (Plan.Member member : members) {
            values.put(((Plan.Constant) member.key()).value(), ((Plan.Constant) member.value()).value());
        }
        return new Plan.Constant(RegoValue.ObjectValue.of(values));
    }

    private Plan comprehension(Term.Comprehension comprehension, Scope scope) throws RegoException {
        List<BodyPlanner.Planned> planned = new ArrayList<>();
        withWildcards(
                false,
                () -> planned.add(bodies.inner(
                        comprehension.body(), List.of(comprehension.key(), comprehension.value()), scope)));
        BodyPlanner.Planned body = planned.getFirst();
        return new Plan.Collect(
                comprehension.shape(),
                body.heads().getFirst(),
                body.heads().getLast(),
                body.steps(),
                body.outer(),
                comprehension.position());
    }

    private Plan name(Term.Name name, Scope scope, List<Goal> goals) throws RegoException {
        if (name.isWildcard()) {
            if (refusingWildcards) {
                throw name.position().refuse("variable \"_\" is unsafe: nothing binds it after \"not\"");
            }
            return new Plan.Slot(bodies.newSlot("_"));
        }
        Plan variable = bodies.variable(name, scope);
        if (variable != null) {
            return variable;
        }
        if (name.name().equals("input")) {
            return new Plan.Input();
        }
        if (name.name().equals("data")) {
            throw name.position().refuse("data as a whole is not of the subset, only a name in it");
        }
        Term imported = module.imports().get(name.name());
        if (imported != null) {
            return plan(imported, scope, goals);
        }
        return rule(name.name(), name.position());
    }

    private Plan rule(String name, Position position) throws RegoException {
        if (module.rules().get(name) == Rule.Kind.FUNCTION) {
            throw position.refuse("function " + Quoted.text(name) + " is not called");
        }
        if (!module.rules().containsKey(name)) {
            throw position.refuse("nothing is called " + Quoted.text(name));
        }
        bodies.dependsOn(name);
        return new Plan.RuleValue(name);
    }

    private Plan reference(Term.Reference reference, Scope scope, List<Goal> goals) throws RegoException {
        List<Term> path = reference.path();
        Plan base;
        if (reference.head() instanceof Term.Name name
                && name.name().equals("data")
                && bodies.variable(name, scope) == null) {
            List<String> words = leadingWords(path);
            List<String> own = module.packagePath();
            int common = Math.min(words.size(), own.size());
            if (words.isEmpty() || (words.size() <= own.size() && words.equals(own.subList(0, common)))) {
                throw reference.position().refuse("data, or the package, as a whole is not of the subset");
            }
            if (words.size() > own.size()
                    && words.subList(0, common).equals(own)
                    && module.rules().containsKey(words.get(common))) {
                base = rule(words.get(common), reference.position());
                path = path.subList(common + 1, path.size());
            } else {
                base = new Plan.Data();
            }
        } else {
            base = plan(reference.head(), scope, goals);
        }
        for (Term key : path) {
            Plan keyPlan = plan(key, scope, goals);
            Set<Integer> slots = new HashSet<>();
            Plan.slots(keyPlan, slots);
            if (slots.stream().allMatch(slot -> slot < scope.start())) {
                base = new Plan.Lookup(base, keyPlan);
            } else {
                Plan found = new Plan.Slot(bodies.newSlot(""));
                goals.add(new Goal.Each(base, keyPlan, found, key.position()));
                base = found;
            }
        }
        return base;
    }

    private static List<String> leadingWords(List<Term> path) {
        List<String> words = new ArrayList<>();
        for (Term key : path) {
            if (!(key instanceof Term.Scalar(RegoValue.TextValue(String word), Position p))) {
                break;
            }
            words.add(word);
        }
        return words;
    }

    private Plan call(Term.Call call, Scope scope, List<Goal> goals) throws RegoException {
        List<Plan> arguments = all(call.arguments(), scope, goals);
        String own = "data." + String.join(".", module.packagePath()) + ".";
        String name = call.name().startsWith(own) ? call.name().substring(own.length()) : call.name();
        if (module.rules().containsKey(name)) {
            checkArity(call, Optional.ofNullable(module.arities().get(name)).orElse(-1));
            bodies.dependsOn(name);
            return new Plan.CallRule(name, arguments, call.position());
        }
        Integer given = module.given().get(call.name());
        if (given != null) {
            checkArity(call, given);
            return new Plan.CallGiven(call.name(), arguments, call.position());
        }
        Builtin builtin = Builtins.ALL.get(call.name());
        if (builtin == null) {
            throw call.position().refuse("unknown function " + Quoted.text(call.name()));
        }
        checkArity(call, builtin.arity());
        return new Plan.CallBuiltin(builtin, arguments, call.position());
    }

    private static void checkArity(Term.Call call, int arity) throws RegoException {
        if (arity < 0) {
            throw call.position().refuse(Quoted.text(call.name()) + " is not a function");
        }
        if (call.arguments().size() != arity) {
            throw call.position()
                    .refuse("function " + Quoted.text(call.name()) + " has "
                            + call.arguments().size() + " arguments here, expected " + arity);
        }
    }
}
