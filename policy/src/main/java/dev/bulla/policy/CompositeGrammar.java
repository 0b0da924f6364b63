package dev.bulla.policy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.ArrayList;
import java.util.List;

/** The grammar of the requirements over requirements: {@code anyOf} and {@code atLeast}. */
final class CompositeGrammar {
    /** How deep they may stand within each other. */
    static final int MAX_DEPTH = 4;

    /** The most requirements of one of them. */
    static final int MAX_REQUIREMENTS = 64;

    private CompositeGrammar() {}

    /**
     * Reads {@code anyOf}.
     *
     * @param depth how many of their kind it stands within
     */
    static PolicyRequirement anyOf(JsonCursor value, int depth) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("type", "requirements");
        return new AnyOf(requirements(value, members, depth));
    }

    /**
     * Reads {@code atLeast}.
     *
     * @param depth how many of their kind it stands within
     */
    static PolicyRequirement atLeast(JsonCursor value, int depth) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("type", "count", "requirements");
        List<PolicyRequirement> requirements = requirements(value, members, depth);
        // More than there are could never be met, and none always is: either is a mistake.
        int count = (int) members.required("count").integer(1, requirements.size());
        return new AtLeast(count, requirements);
    }

    private static List<PolicyRequirement> requirements(JsonCursor value, JsonCursor.Members members, int depth)
            throws JsonException {
        if (depth >= MAX_DEPTH) {
            throw value.refuse("anyOf and atLeast stand more than " + MAX_DEPTH + " deep within each other");
        }
        JsonCursor list = members.required("requirements");
        List<JsonCursor> items = list.array();
        if (items.isEmpty() || items.size() > MAX_REQUIREMENTS) {
            throw list.refuse("got " + items.size() + " requirements, expected 1 to " + MAX_REQUIREMENTS);
        }
        List<PolicyRequirement> requirements = new ArrayList<>();
        for (JsonCursor item : items) {
            requirements.add(RequirementGrammar.parse(item, depth + 1));
        }
        return requirements;
    }
}
