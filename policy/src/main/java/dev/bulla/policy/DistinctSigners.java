package dev.bulla.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives as many requirements as possible a signer each, no signer twice: a maximum matching, by augmenting paths. So one key
 * that meets three requirements counts once, and a key that could count for one of two is left to the one that has no
 * other.
 */
final class DistinctSigners {
    private final List<? extends Collection<String>> signers;
    private final Map<String, Integer> countedFor = new HashMap<>();

    private DistinctSigners(List<? extends Collection<String>> signers) {
        this.signers = signers;
    }

    /**
     * Matches.
     *
     * @param signers for each requirement, under whom it is met
     * @return the places of the requirements that got one, in order
     */
    static List<Integer> counted(List<? extends Collection<String>> signers) {
        DistinctSigners matching = new DistinctSigners(signers);
        List<Integer> counted = new ArrayList<>();
        for (int requirement = 0; requirement < signers.size(); requirement++) {
            // Whoever got a signer keeps one, if another: so those counted are known at once.
            if (matching.seat(requirement, new HashSet<>())) {
                counted.add(requirement);
            }
        }
        return counted;
    }

    private boolean seat(int requirement, Set<String> tried) {
        for (String signer : signers.get(requirement)) {
            if (tried.add(signer)) {
                Integer holder = countedFor.get(signer);
                if (holder == null || seat(holder, tried)) {
                    countedFor.put(signer, requirement);
                    return true;
                }
            }
        }
        return false;
    }
}
