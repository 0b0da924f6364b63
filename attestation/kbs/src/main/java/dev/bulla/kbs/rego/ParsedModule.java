package dev.bulla.kbs.rego;

import java.util.List;
import java.util.Map;

/**
 * A module as it is written.
 *
 * @param packagePath the package's name, cut at its dots
 * @param imports what each imported name stands for
 * @param rules the rules in their order
 */
record ParsedModule(List<String> packagePath, Map<String, Term> imports, List<Rule> rules) {}
