package dev.bulla.kbs.rego;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Plans a module's rules, and refuses those that contradict each other or refer to themselves. */
final class RulePlanner {
    private final ParsedModule parsed;
    private final ModuleNames names;
    private final Map<String, Set<String>> dependencies = new HashMap<>();
    private final Map<String, Position> positions = new LinkedHashMap<>();

    private RulePlanner(ParsedModule parsed, ModuleNames names) {
        this.parsed = parsed;
        this.names = names;
    }

    static Map<String, CompiledRule> plan(ParsedModule parsed, Map<String, Integer> functions) throws RegoException {
        RulePlanner planner = new RulePlanner(parsed, names(parsed, functions));
        Map<String, CompiledRule> rules = planner.planAll();
        planner.refuseRecursion();
        return Map.copyOf(rules);
    }

    private static ModuleNames names(ParsedModule parsed, Map<String, Integer> functions) throws RegoException {
        Map<String, Rule.Kind> kinds = new HashMap<>();
        Map<String, Integer> arities = new HashMap<>();
        for (Rule rule : parsed.rules()) {
            if (rule.name().equals("input")
                    || rule.name().equals("data")
                    || rule.name().equals("_")) {
                throw rule.position().refuse(rule.name() + " is no name for a rule");
            }
            if (parsed.imports().containsKey(rule.name())) {
                throw rule.position().refuse("rule " + Quoted.text(rule.name()) + " has the name of an import");
            }
            if (rule.kind() == Rule.Kind.DEFAULT) {
                continue;
            }
            Rule.Kind kind = kinds.putIfAbsent(rule.name(), rule.kind());
            if (kind != null && kind != rule.kind()) {
                throw rule.position()
                        .refuse("rule " + Quoted.text(rule.name()) + " is " + rule.kind() + " here, and " + kind
                                + " before");
            }
            Integer arity = rule.kind() == Rule.Kind.FUNCTION
                    ? arities.putIfAbsent(rule.name(), rule.arguments().size())
                    : null;
            if (arity != null && arity != rule.arguments().size()) {
                throw rule.position()
                        .refuse("function " + Quoted.text(rule.name()) + " has "
                                + rule.arguments().size() + " arguments here, and " + arity + " before");
            }
        }
        for (Rule rule : parsed.rules()) {
            Rule.Kind kind = kinds.getOrDefault(rule.name(), Rule.Kind.COMPLETE);
            if (rule.kind() == Rule.Kind.DEFAULT && kind != Rule.Kind.COMPLETE) {
                throw rule.position().refuse("rule " + Quoted.text(rule.name()) + " has a default, and is " + kind);
            }
            kinds.put(rule.name(), kind);
        }
        return new ModuleNames(parsed.packagePath(), parsed.imports(), kinds, arities, functions);
    }

    private Map<String, CompiledRule> planAll() throws RegoException {
        Map<String, List<List<CompiledRule.Branch>>> definitions = new LinkedHashMap<>();
        Map<String, RegoValue> defaults = new HashMap<>();
        for (Rule rule : parsed.rules()) {
            positions.putIfAbsent(rule.name(), rule.position());
            List<List<CompiledRule.Branch>> all = definitions.computeIfAbsent(rule.name(), name -> new ArrayList<>());
            List<CompiledRule.Branch> branches = new ArrayList<>();
            for (Rule.Branch branch : rule.branches()) {
                branches.add(branch(rule, branch));
            }
            if (rule.kind() != Rule.Kind.DEFAULT) {
                all.add(List.copyOf(branches));
            } else if (!(branches.getFirst().value() instanceof Plan.Constant(RegoValue value))) {
                throw rule.position().refuse("a default is not a constant");
            } else if (defaults.put(rule.name(), value) != null) {
                throw rule.position().refuse("rule " + Quoted.text(rule.name()) + " has two defaults");
            }
        }
        Map<String, CompiledRule> rules = new HashMap<>();
        for (Map.Entry<String, List<List<CompiledRule.Branch>>> entry : definitions.entrySet()) {
            String name = entry.getKey();
            Rule.Kind kind = names.rules().getOrDefault(name, Rule.Kind.COMPLETE);
            rules.put(
                    name,
                    new CompiledRule(
                            name, kind, List.copyOf(entry.getValue()), Optional.ofNullable(defaults.get(name))));
        }
        return rules;
    }

    private CompiledRule.Branch branch(Rule rule, Rule.Branch branch) throws RegoException {
        BodyPlanner planner =
                new BodyPlanner(names, dependencies.computeIfAbsent(rule.name(), name -> new LinkedHashSet<>()));
        List<Term> heads = rule.kind() == Rule.Kind.OBJECT
                ? List.of(rule.key().orElseThrow(), branch.value())
                : List.of(branch.value());
        BodyPlanner.Planned planned = planner.branch(rule.arguments(), branch.body(), heads);
        return new CompiledRule.Branch(
                planned.steps(),
                planned.heads().getFirst(),
                planned.heads().getLast(),
                planner.slots(),
                branch.position());
    }

    private void refuseRecursion() throws RegoException {
        Set<String> open = new LinkedHashSet<>(positions.keySet());
        boolean progress = true;
        while (progress) {
            progress = open.removeIf(
                    name -> dependencies.getOrDefault(name, Set.of()).stream().noneMatch(open::contains));
        }
        if (open.isEmpty()) {
            return;
        }
        // each of these refers to another of them: following them ends in a circle
        Set<String> way = new HashSet<>();
        String name = open.iterator().next();
        while (way.add(name)) {
            name = dependencies.getOrDefault(name, Set.of()).stream()
                    .filter(open::contains)
                    .findFirst()
                    .orElseThrow();
        }
        throw requireNonNull(positions.get(name)).refuse("rule " + Quoted.text(name) + " refers to itself");
    }
}
