package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.tsm.FakeTsm;
import dev.bulla.attestation.client.evidence.tsm.TsmProvider;
import dev.bulla.attestation.client.evidence.tsm.TsmReports;
import dev.bulla.oci.json.JsonWriter;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class CcaAttesterTest {
    private final FakeTsm tsm = new FakeTsm();
    private final CcaAttester attester = new CcaAttester(new TsmReports(tsm, new SecureRandom()));

    @Test
    void evidence_realm_isTheTokensBytes() throws Exception {
        tsm.provider = TsmProvider.CCA.kernelName();
        tsm.report = in -> new byte[] {(byte) 0xD9, 1, (byte) in.length};
        assertThat(JsonWriter.compact(attester.evidence(new byte[48]))).isEqualTo("{\"token\":[217,1,64]}");
    }

    @Test
    void evidence_otherTee_isRefused() {
        assertThatThrownBy(() -> attester.evidence(new byte[48]))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("expected \"arm_cca_guest\"");
    }

    @Test
    void checkInitData_cca_isNotOffered() throws Exception {
        assertThat(attester.checkInitData(InitDatas.of("sha256"))).isEqualTo(InitDataBinding.NOT_OFFERED);
        assertThat(attester.registers()).isEmpty();
    }
}
