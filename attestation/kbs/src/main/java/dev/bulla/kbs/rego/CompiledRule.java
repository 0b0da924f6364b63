package dev.bulla.kbs.rego;

import java.util.List;
import java.util.Optional;

/**
 * A rule, planned: all definitions of one name.
 *
 * @param name its name
 * @param kind what it makes, never a default
 * @param definitions its definitions, each a chain of branches of which the first that holds counts
 * @param defaultValue its value where no definition gives one
 */
record CompiledRule(String name, Rule.Kind kind, List<List<Branch>> definitions, Optional<RegoValue> defaultValue) {

    /**
     * A planned branch.
     *
     * @param steps its body
     * @param key a partial object's key; else the value again
     * @param value the value
     * @param slots how many slots its frame has
     * @param position where it begins
     */
    record Branch(List<Step> steps, Plan key, Plan value, int slots, Position position) {}
}
