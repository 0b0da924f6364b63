package dev.bulla.kbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.BadServerException;
import dev.bulla.attestation.client.EvidenceRefusedException;
import dev.bulla.attestation.client.KbsUnreachableException;
import dev.bulla.attestation.client.ResourceTooLargeException;
import dev.bulla.kbs.fault.KbsFault;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What our own client makes of each fault that can be ordered; once the faults have come, all is right again. */
@BullaKbs
class FaultsTest {
    private RunningKbs kbs;
    private Guest guest;

    @BeforeEach
    void start(RunningKbs running) throws Exception {
        kbs = running;
        kbs.putResource(Guest.PATH, Guest.SECRET);
        guest = Guest.of(kbs);
    }

    @AfterEach
    void allIsRight() throws Exception {
        try (Guest open = guest) {
            assertThat(kbs.faults().left()).isZero();
            assertThat(open.fetch()).isEqualTo(Guest.SECRET);
        }
    }

    @Test
    void expiredNonce_evidenceRefused() {
        kbs.faults().order("attest", new KbsFault.ExpiredNonce());
        assertThatThrownBy(guest::fetch).isInstanceOf(EvidenceRefusedException.class);
        assertThat(kbs.attestations()).isZero();
    }

    @Test
    void wrongKey_badServer() {
        kbs.faults().order("resource/", new KbsFault.WrongKey());
        assertThatThrownBy(guest::fetch).isInstanceOf(BadServerException.class);
        assertThat(kbs.attestations()).isEqualTo(1);
    }

    @Test
    void badTag_badServer() {
        kbs.faults().order("resource/", new KbsFault.BadTag());
        assertThatThrownBy(guest::fetch).isInstanceOf(BadServerException.class);
        assertThat(kbs.attestations()).isEqualTo(1);
    }

    @Test
    void unauthorized_once_attestsAnew() throws Exception {
        guest.fetch();
        kbs.faults().order("resource/", new KbsFault.Unauthorized());
        assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
        assertThat(kbs.attestations()).isEqualTo(2);
    }

    @Test
    void unauthorized_storm_endsAfterOneFurtherAttestation() throws Exception {
        guest.fetch();
        kbs.faults().order("resource/", new KbsFault.Unauthorized(), 2);
        assertThatThrownBy(guest::fetch)
                .isInstanceOf(EvidenceRefusedException.class)
                .hasMessageContaining("TokenNotFound");
        assertThat(kbs.attestations()).isEqualTo(2);
    }

    @Test
    void slowAnswer_withinPatience_isTheRightOne() throws Exception {
        kbs.faults().order("resource/", new KbsFault.SlowAnswer(Duration.ofMillis(20)));
        assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
    }

    @Test
    void slowAnswer_beyondPatience_unreachable() throws Exception {
        guest.fetch();
        try (Guest impatient = Guest.impatient(kbs, Duration.ofMillis(500))) {
            kbs.faults().order("auth", new KbsFault.SlowAnswer(Duration.ofHours(1)));
            assertThatThrownBy(impatient::fetch).isInstanceOf(KbsUnreachableException.class);
        }
        assertThat(kbs.attestations()).isEqualTo(1);
    }

    @Test
    void cutConnection_once_asksAgain() throws Exception {
        kbs.faults().order("resource/", new KbsFault.CutConnection());
        assertThat(guest.fetch()).isEqualTo(Guest.SECRET);
        assertThat(kbs.attestations()).isEqualTo(1);
    }

    @Test
    void cutConnection_always_unreachable() {
        // On a connection that was in use before, one request of the client's may be two here.
        kbs.faults().order("resource/", new KbsFault.CutConnection(), 100);
        assertThatThrownBy(guest::fetch).isInstanceOf(KbsUnreachableException.class);
        assertThat(kbs.faults().left()).isBetween(90, 97);
        kbs.faults().clear();
    }

    @Test
    void oversizedBody_ofAResource_tooLarge() {
        kbs.faults().order("resource/", new KbsFault.OversizedBody(1 << 20));
        assertThatThrownBy(guest::fetch).isInstanceOf(ResourceTooLargeException.class);
    }

    @Test
    void oversizedBody_ofAToken_badServer() {
        kbs.faults().order("attest", new KbsFault.OversizedBody(1 << 20));
        assertThatThrownBy(guest::fetch).isInstanceOf(BadServerException.class);
    }
}
