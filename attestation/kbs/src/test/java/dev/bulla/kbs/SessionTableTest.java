package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.Tee;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class SessionTableTest {
    private final SettableTime time = new SettableTime();
    private final SessionTable table = new SessionTable(time, new SecureRandom(), 2);

    @Test
    void begin_full_refusedUntilOneEnds() throws Exception {
        AttestationSession first = table.begin(Tee.SAMPLE);
        time.advance(SessionTable.LIFETIME.dividedBy(2));
        AttestationSession second = table.begin(Tee.SAMPLE);
        assertThat(first.id()).isNotEqualTo(second.id());
        assertThat(first.nonce()).isNotEqualTo(second.nonce());
        assertThatThrownBy(() -> table.begin(Tee.SAMPLE))
                .isInstanceOfSatisfying(
                        KbsRefusal.class,
                        refusal -> assertThat(refusal.variant()).isEqualTo(ErrorVariant.TOO_MANY_REQUESTS));
        time.advance(SessionTable.LIFETIME.dividedBy(2));
        assertThat(table.find(first.id())).isEmpty();
        assertThat(table.find(second.id())).isPresent();
        table.begin(Tee.SAMPLE);
        assertThat(table.size()).isEqualTo(2);
    }
}
