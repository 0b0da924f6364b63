package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.Tee;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionTableTest {
    private static final byte[] ANSWER = "answer".getBytes(StandardCharsets.UTF_8);

    private final SettableTime time = new SettableTime();
    private final SessionTable table = new SessionTable(time, new SecureRandom(), SessionTable.LIFETIME, 2, 2);

    private AttestationSession begin(SessionTable in, String address) throws KbsRefusal {
        return in.begin(Tee.SAMPLE, HashAlgorithm.DEFAULT, address);
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KbsRefusal.class,
                        refusal -> assertThat(refusal.variant()).isEqualTo(ErrorVariant.TOO_MANY_REQUESTS));
    }

    @Test
    void begin_full_refusedUntilOneEnds() throws Exception {
        AttestationSession first = begin(table, "a");
        time.advance(SessionTable.LIFETIME.dividedBy(2));
        AttestationSession second = begin(table, "b");
        assertThat(first.id()).isNotEqualTo(second.id());
        assertThat(first.nonce()).isNotEqualTo(second.nonce());
        refused(() -> begin(table, "c"));
        time.advance(SessionTable.LIFETIME.dividedBy(2));
        assertThat(table.find(first.id())).isEmpty();
        assertThat(table.find(second.id())).isPresent();
        begin(table, "c");
        assertThat(table.size()).isEqualTo(2);
    }

    @Test
    void begin_fullOfAnswered_oldestGoes() throws Exception {
        AttestationSession first = begin(table, "a");
        AttestationSession second = begin(table, "b");
        table.spend(second, ANSWER);
        begin(table, "c");
        assertThat(table.find(first.id())).isPresent();
        assertThat(table.find(second.id())).isEmpty();
    }

    @Test
    void begin_fullOfWrongAnswers_keepsWhoIsAttested() throws Exception {
        AttestationSession attested = begin(table, "a");
        table.spend(attested, ANSWER);
        table.accept(attested, ANSWER, "token");
        for (int i = 0; i < 5; i++) {
            table.spend(begin(table, "b"), ANSWER);
        }
        assertThat(table.find(attested.id())).isPresent();
        begin(table, "c");
        assertThat(table.find(attested.id())).isPresent();
        begin(table, "c");
        assertThat(table.find(attested.id())).isEmpty();
    }

    @Test
    void accept_longTokens_oldestGo() throws Exception {
        SessionTable wide = new SessionTable(time, new SecureRandom(), SessionTable.LIFETIME, 100, 100);
        String quarter = "t".repeat((int) (SessionTable.MAX_TOKENS_LENGTH / 4)); // one text, shared
        List<AttestationSession> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            AttestationSession session = begin(wide, "a");
            wide.spend(session, ANSWER);
            wide.accept(session, ANSWER, quarter);
            all.add(session);
        }
        assertThat(all.stream().filter(session -> wide.find(session.id()).isEmpty()))
                .containsExactly(all.getFirst());
        wide.drop(all.get(2).id());
        AttestationSession another = begin(wide, "a");
        wide.spend(another, ANSWER);
        wide.accept(another, ANSWER, quarter);
        assertThat(wide.size()).isEqualTo(4);
    }

    @Test
    void begin_challengesOfOneAddress_atAndOverTheLimit() throws Exception {
        SessionTable wide = new SessionTable(time, new SecureRandom(), SessionTable.LIFETIME, 100, 2);
        AttestationSession first = begin(wide, "a");
        begin(wide, "a");
        refused(() -> begin(wide, "a"));
        begin(wide, "b");
        wide.spend(first, ANSWER);
        assertThatThrownBy(() -> wide.spend(first, ANSWER)).isInstanceOf(KbsRefusal.class);
        begin(wide, "a");
        refused(() -> begin(wide, "a"));
        time.advance(SessionTable.LIFETIME);
        begin(wide, "a");
        begin(wide, "a");
        refused(() -> begin(wide, "a"));
    }

    @Test
    void rate_burstThenRefill_atAndOverTheLimit() throws Exception {
        AuthRate rate = new AuthRate(2, 3, time);
        InetAddress one = InetAddress.getByName("192.0.2.1");
        for (int i = 0; i < 3; i++) {
            rate.admit(one);
        }
        refused(() -> rate.admit(one));
        rate.admit(InetAddress.getByName("192.0.2.2"));
        time.advance(Duration.ofMillis(500));
        rate.admit(one);
        refused(() -> rate.admit(one));
    }

    @Test
    void rate_ipv6_countsByItsFirstHalf() throws Exception {
        assertThat(AuthRate.name(InetAddress.getByName("2001:db8::1")))
                .isEqualTo(AuthRate.name(InetAddress.getByName("2001:db8::2")))
                .isNotEqualTo(AuthRate.name(InetAddress.getByName("2001:db8:0:1::1")));
    }
}
