package dev.bulla.composefs.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class DigestSetTest {
    private static VerityDigest digest(VerityAlgorithm algorithm, int number) {
        return FsVerityDigester.of(
                algorithm, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }

    @Test
    void add_manyOfBothLengths_areInAndOthersAreNot() {
        DigestSet set = new DigestSet();
        for (int i = 0; i < 5000; i++) {
            assertThat(set.add(digest(VerityAlgorithm.SHA256_4K, i))).isTrue();
            assertThat(set.add(digest(VerityAlgorithm.SHA512_4K, i))).isTrue();
            assertThat(set.add(digest(VerityAlgorithm.SHA256_4K, i))).isFalse();
        }
        assertThat(set.size()).isEqualTo(10_000);
        for (int i = 0; i < 5000; i++) {
            assertThat(set.contains(digest(VerityAlgorithm.SHA256_4K, i))).isTrue();
            assertThat(set.contains(digest(VerityAlgorithm.SHA512_4K, i))).isTrue();
            assertThat(set.contains(digest(VerityAlgorithm.SHA256_4K, 5000 + i)))
                    .isFalse();
        }
    }

    @Test
    void contains_sameValueOfOtherBlocks_isTheSame() {
        DigestSet set = new DigestSet();
        VerityDigest digest = digest(VerityAlgorithm.SHA256_4K, 1);
        set.add(digest);
        assertThat(set.contains(VerityDigest.fromBytes(VerityAlgorithm.SHA256_64K, digest.bytes())))
                .isTrue();
    }

    @Test
    void contains_digestsThatBeginAlike_staysFast() {
        DigestSet set = new DigestSet();
        for (int i = 0; i < 20_000; i++) {
            byte[] value = new byte[32];
            ByteBuffer.wrap(value).putInt(28, i);
            assertThat(set.add(VerityDigest.fromBytes(VerityAlgorithm.SHA256_4K, value)))
                    .isTrue();
        }
        assertThat(set.size()).isEqualTo(20_000);
    }
}
