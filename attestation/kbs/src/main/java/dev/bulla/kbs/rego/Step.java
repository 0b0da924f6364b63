package dev.bulla.kbs.rego;

import java.util.List;

/** A part of a planned body, in an order in which whatever it reads is bound. */
sealed interface Step {

    /** The plan has a value that is not false. */
    record Check(Plan plan) implements Step {}

    /** The plan's value matches. */
    record Match(Pattern pattern, Plan plan) implements Step {}

    /** For each member of the collection whose key and value match; the only step that can hold several times. */
    record Each(Plan collection, Pattern key, Pattern value) implements Step {}

    /** The body never holds. */
    record Never(List<Step> body) implements Step {}

    /** The body holds for each member of the collection, which there is. */
    record All(Plan collection, int keySlot, int valueSlot, List<Step> body) implements Step {}
}
