package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.JweException;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.fault.FaultPlan;
import dev.bulla.kbs.fault.KbsFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each fault that a test of a client may order comes, once for each time it was ordered, and then everything is right again. */
class FaultTest {
    private static final String RESOURCE = "/kbs/v0/resource/default/key/1";
    private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);

    private final FaultPlan plan = new FaultPlan();
    private EmbeddedKbs kbs;
    private RawGuest guest;

    @BeforeEach
    void start() throws Exception {
        kbs = EmbeddedKbs.builder()
                .withSampleReferenceValues()
                .resource(ResourcePath.parse("default/key/1"), SECRET)
                .faults(plan)
                .start();
        guest = new RawGuest(kbs.url());
    }

    @AfterEach
    void stop() {
        guest.close();
        kbs.close();
    }

    private void allIsRight() throws Exception {
        assertThat(plan.left()).isZero();
        assertThat(KbsJwe.open(guest.get(RESOURCE).body(), guest.key)).isEqualTo(SECRET);
    }

    @Test
    void expiredNonce_once() throws Exception {
        plan.order("attest", new KbsFault.ExpiredNonce());
        assertThat(guest.attest(guest.answerTo(guest.challenge())).refusal()).isEqualTo("401 AttestationError");
        guest.token();
        allIsRight();
    }

    @Test
    void wrongKeyAndBadTag_doNotOpen() throws Exception {
        guest.token();
        plan.order("resource/", new KbsFault.WrongKey()).order("resource/", new KbsFault.BadTag());
        for (int i = 0; i < 2; i++) {
            RawGuest.Answer answer = guest.get(RESOURCE);
            assertThat(answer.status()).isEqualTo(200);
            assertThatThrownBy(() -> KbsJwe.open(answer.body(), guest.key)).isInstanceOf(JweException.class);
        }
        allIsRight();
    }

    @Test
    void unauthorized_soManyTimes() throws Exception {
        guest.token();
        plan.order("resource/", new KbsFault.Unauthorized(), 3);
        for (int i = 0; i < 3; i++) {
            assertThat(guest.get(RESOURCE).refusal()).isEqualTo("401 TokenNotFound");
        }
        allIsRight();
    }

    @Test
    void cutConnection_hasNoAnswer() throws Exception {
        guest.token();
        plan.order("resource/", new KbsFault.CutConnection(), 2); // the JDK's client may try once more
        assertThatThrownBy(() -> {
                    guest.get(RESOURCE);
                    guest.get(RESOURCE);
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void slowAnswer_isTheRightOne() throws Exception {
        guest.token();
        plan.order("resource/", new KbsFault.SlowAnswer(Duration.ofMillis(5)));
        assertThat(KbsJwe.open(guest.get(RESOURCE).body(), guest.key)).isEqualTo(SECRET);
        allIsRight();
    }

    @Test
    void oversizedBody_hasItsLength() throws Exception {
        guest.token();
        plan.order("resource/", new KbsFault.OversizedBody(200_000));
        RawGuest.Answer answer = guest.get(RESOURCE);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).hasSize(200_000);
        allIsRight();
    }

    @Test
    void close_whileAnswering_answers() throws Exception {
        guest.token();
        plan.order("resource/", new KbsFault.SlowAnswer(Duration.ofMillis(200)));
        Thread closing = Thread.ofVirtual().unstarted(kbs::close);
        Thread asking = Thread.ofVirtual().unstarted(() -> {
            try {
                assertThat(KbsJwe.open(guest.get(RESOURCE).body(), guest.key)).isEqualTo(SECRET);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Throwable[] failure = new Throwable[1];
        asking.setUncaughtExceptionHandler((thread, problem) -> failure[0] = problem);
        asking.start();
        while (plan.left() > 0) {
            Thread.onSpinWait();
        }
        closing.start();
        asking.join();
        closing.join();
        assertThat(failure[0]).isNull();
    }
}
