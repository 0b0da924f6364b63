package dev.bulla.policy.bundle;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Proofs against trees that were made by RFC 6962's own definitions. */
class InclusionProofPropertiesTest {

    @Property(tries = 200)
    void verifyWay_everyLeafOfEveryTree_holdsForItAlone(
            @ForAll @IntRange(min = 1, max = 40) int size, @ForAll @IntRange(min = 0, max = 39) int place)
            throws Exception {
        int leaf = place % size;
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leaves.add(new byte[] {(byte) i});
        }
        MerkleTree tree = new MerkleTree(leaves);
        InclusionProof proof = new InclusionProof(leaf, size, tree.root(), tree.path(leaf), Optional.empty());
        assertThatCode(() -> proof.verifyWay(leaves.get(leaf))).doesNotThrowAnyException();
        for (int other = 0; other < size; other++) {
            if (other != leaf) {
                byte[] entry = leaves.get(other);
                assertThatExceptionOfType(SignatureRejectedException.class).isThrownBy(() -> proof.verifyWay(entry));
            }
        }
    }
}
