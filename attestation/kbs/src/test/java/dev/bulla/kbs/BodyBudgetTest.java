package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyBudgetTest {
    private static byte[] body(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    private static byte[] read(BodyBudget.Share share, byte[] sent, int most) throws Exception {
        return share.read(new ByteArrayInputStream(sent), most);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, BodyBudget.FREE - 1, BodyBudget.FREE, BodyBudget.FREE + 1, 300_000})
    void read_length_isReadWhole(int length) throws Exception {
        try (BodyBudget.Share share = new BodyBudget(1 << 20).share()) {
            assertThat(read(share, body(length), 1 << 20)).isEqualTo(body(length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, BodyBudget.FREE, BodyBudget.FREE + BodyBudget.CHUNK, 100_000})
    void read_longer_isCutAtTheMost(int most) throws Exception {
        try (BodyBudget.Share share = new BodyBudget(1 << 20).share()) {
            assertThat(read(share, body(500_000), most)).hasSize(most);
        }
    }

    @Test
    void read_othersTakeAll_refusedUntilTheyEnd() throws Exception {
        BodyBudget budget = new BodyBudget(2 * BodyBudget.CHUNK);
        int two = BodyBudget.FREE + BodyBudget.CHUNK + 1;
        BodyBudget.Share first = budget.share();
        assertThat(read(first, body(two), two)).hasSize(two);
        try (BodyBudget.Share second = budget.share()) {
            assertThatThrownBy(() -> read(second, body(BodyBudget.FREE + 1), two))
                    .isInstanceOfSatisfying(
                            KbsRefusal.class,
                            refusal -> assertThat(refusal.variant()).isEqualTo(ErrorVariant.TOO_MANY_REQUESTS));
        }
        try (BodyBudget.Share third = budget.share()) {
            assertThat(read(third, body(BodyBudget.FREE - 1), two)).hasSize(BodyBudget.FREE - 1);
        }
        first.close();
        try (BodyBudget.Share fourth = budget.share()) {
            assertThat(read(fourth, body(two), two)).hasSize(two);
        }
    }
}
