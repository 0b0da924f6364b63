package example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.DeniedByPolicyException;
import dev.bulla.attestation.client.EvidenceRefusedException;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.kbs.fault.KbsFault;
import dev.bulla.kbs.junit.BullaKbs;
import dev.bulla.kbs.junit.RunningKbs;
import dev.bulla.kbs.policy.ResourcePolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest that fetches its key: when it gets it, when it does not, and what it does when the KBS misbehaves. */
@BullaKbs
class KeyFetchTest {
    private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);

    private RunningKbs kbs;
    private KbsClient guest;

    @BeforeEach
    void startGuest(RunningKbs kbs) throws Exception {
        this.kbs = kbs;
        kbs.putResource("default/key/1", KEY);
        // Put your own client here. Give it the KBS's clock if it takes one.
        guest = KbsClient.builder(kbs.url(), new SampleAttester())
                .insecureHttp()
                .time(kbs.clock())
                .build();
    }

    @AfterEach
    void stopGuest() {
        guest.close();
    }

    private byte[] fetchKey() throws AttestationException {
        return guest.fetch(ResourceUri.of(new ResourcePath("default", "key", "1")), KEY.length);
    }

    @Test
    void allowed_theKeyComes_afterOneAttestationHoweverOften() throws Exception {
        assertArrayEquals(KEY, fetchKey());
        assertArrayEquals(KEY, fetchKey());
        assertEquals(1, kbs.attestations());
    }

    @Test
    void deniedByPolicy_isSaidSo_andLogged() {
        kbs.setResourcePolicy(ResourcePolicy.DENY);
        assertThrows(DeniedByPolicyException.class, this::fetchKey);
        assertEquals("policy deny denies", kbs.audit().getLast().reason());
    }

    /** The KBS of this test alone does not know what good evidence looks like. */
    @Test
    @BullaKbs(sampleReferenceValues = false)
    void contraindicated_withoutReferenceValues_isDenied() {
        assertThrows(DeniedByPolicyException.class, this::fetchKey);
        assertEquals(1, kbs.attestations()); // the evidence verified, and was judged to be bad
        assertTrue(kbs.audit().getLast().reason().contains("CONTRAINDICATED"));
    }

    @Test
    void expiredSession_attestsAnew() throws Exception {
        fetchKey();
        kbs.clock().advance(Duration.ofMinutes(5));
        assertArrayEquals(KEY, fetchKey());
        assertEquals(2, kbs.attestations());
    }

    @Test
    void storm401_attestsAnewOnce_andGivesUp() throws Exception {
        fetchKey();
        kbs.faults().order("resource/", new KbsFault.Unauthorized(), 2);
        assertThrows(EvidenceRefusedException.class, this::fetchKey);
        assertEquals(2, kbs.attestations());
        assertArrayEquals(KEY, fetchKey()); // the storm is over
    }
}
