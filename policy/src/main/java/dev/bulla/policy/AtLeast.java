package dev.bulla.policy;

import java.util.List;

/**
 * Met when so many of these are, each under a signer of its own.
 *
 * <p>Whether that makes the image a signed one, those decide that are counted: {@link CompositeEvaluation}.
 *
 * @param count how many
 * @param requirements of which, at least as many
 */
record AtLeast(int count, List<PolicyRequirement> requirements) implements PolicyRequirement {
    AtLeast {
        requirements = List.copyOf(requirements);
        if (count < 1 || count > requirements.size()) {
            throw new IllegalArgumentException(count + " of " + requirements.size() + " requirements");
        }
    }

    @Override
    public String type() {
        return "atLeast";
    }

    /** Whether it always does. */
    @Override
    public boolean cryptographic() {
        return requirements.stream().allMatch(PolicyRequirement::cryptographic);
    }
}
