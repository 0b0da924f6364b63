package dev.bulla.kbs.rego;

import java.util.List;
import java.util.Map;

/**
 * What a module's names stand for.
 *
 * @param packagePath the package's name, cut at its dots
 * @param imports what each imported name stands for
 * @param rules each rule's kind, never a default
 * @param arities how many arguments each of the module's functions has
 * @param given how many arguments each of the caller's functions has
 */
record ModuleNames(
        List<String> packagePath,
        Map<String, Term> imports,
        Map<String, Rule.Kind> rules,
        Map<String, Integer> arities,
        Map<String, Integer> given) {

    boolean isGlobal(String name) {
        return name.equals("input") || name.equals("data") || imports.containsKey(name) || rules.containsKey(name);
    }
}
