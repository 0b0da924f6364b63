package dev.bulla.kbs.rego;

import java.util.List;

/** What a value must look like, and the variables that it then binds. */
sealed interface Pattern {

    /** Anything; the slot is bound to it. */
    record Bind(int slot) implements Pattern {}

    /** A value that equals the plan's. */
    record Equal(Plan plan) implements Pattern {}

    /** An array of as many items. */
    record Items(List<Pattern> items) implements Pattern {}

    /** An object of just these members. */
    record Members(List<Member> members) implements Pattern {}

    record Member(Plan key, Pattern value) {}
}
