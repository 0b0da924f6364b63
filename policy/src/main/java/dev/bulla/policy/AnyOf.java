package dev.bulla.policy;

import java.util.List;

/**
 * Met when one of these is.
 *
 * <p>Whether that makes the image a signed one, the alternative decides that is met: {@link CompositeEvaluation}.
 *
 * @param requirements the alternatives, at least one
 */
record AnyOf(List<PolicyRequirement> requirements) implements PolicyRequirement {
    AnyOf {
        requirements = List.copyOf(requirements);
        if (requirements.isEmpty()) {
            throw new IllegalArgumentException("no requirements");
        }
    }

    @Override
    public String type() {
        return "anyOf";
    }

    /** Whether it always does. */
    @Override
    public boolean cryptographic() {
        return requirements.stream().allMatch(PolicyRequirement::cryptographic);
    }
}
