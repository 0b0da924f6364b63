package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class DistinctSignersTest {

    @Test
    void counted_oneSignerForAll_one() {
        assertThat(DistinctSigners.counted(List.of(Set.of("a"), Set.of("a"), Set.of("a"))))
                .containsExactly(0);
    }

    @Test
    void counted_signerNeededElsewhere_movesOver() {
        // The first could take a or b; only a is left for the second.
        assertThat(DistinctSigners.counted(List.of(List.of("a", "b"), List.of("a"), List.of("b", "a", "c"))))
                .containsExactly(0, 1, 2);
    }

    @Test
    void counted_nobodySigned_none() {
        assertThat(DistinctSigners.counted(List.of(Set.of(), Set.of()))).isEmpty();
    }

    @Provide
    Arbitrary<List<Set<String>>> requirements() {
        return Arbitraries.of("a", "b", "c", "d", "e").set().ofMaxSize(4).list().ofMaxSize(6);
    }

    @Property
    void counted_anyRequirements_asManyAsTryingEverything(@ForAll("requirements") List<Set<String>> signers) {
        List<Integer> counted = DistinctSigners.counted(signers);
        assertThat(counted)
                .hasSize(most(signers, 0, new HashSet<>()))
                .isSorted()
                .doesNotHaveDuplicates();
        // Those that are counted can be so at once.
        List<Set<String>> those = counted.stream().map(signers::get).toList();
        assertThat(most(those, 0, new HashSet<>())).isEqualTo(counted.size());
    }

    private static int most(List<Set<String>> signers, int from, Set<String> used) {
        if (from == signers.size()) {
            return 0;
        }
        int best = most(signers, from + 1, used);
        for (String signer : signers.get(from)) {
            if (used.add(signer)) {
                best = Math.max(best, 1 + most(signers, from + 1, used));
                used.remove(signer);
            }
        }
        return best;
    }
}
