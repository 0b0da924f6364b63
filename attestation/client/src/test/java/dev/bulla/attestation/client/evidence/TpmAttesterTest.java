package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.EventLogException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.evidence.tpm.FakeTpm;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TpmAttesterTest {
    private static final byte[] REPORT_DATA = HashAlgorithm.SHA384.digest(new byte[] {1});

    private final FakeTpm tpm = new FakeTpm();
    private final TpmAttester attester = new TpmAttester(tpm, TpmAttester.DEFAULT_KEY);

    @AfterEach
    void nothingIsLeft() {
        assertThat(tpm.loaded()).isZero();
        assertThat(tpm.opened()).isZero();
    }

    private JsonCursor evidence() throws Exception {
        return new JsonCursor(attester.evidence(REPORT_DATA), "$");
    }

    @Test
    void evidence_noKeyKept_isSignedByOneMadeForIt() throws Exception {
        tpm.pcr(3)[0] = 5;
        TpmEvidence.verify(evidence(), Arrays.copyOf(REPORT_DATA, 32));
    }

    @Test
    void evidence_keyKept_isSignedByIt() throws Exception {
        tpm.keep(TpmAttester.DEFAULT_KEY);
        TpmEvidence.verify(evidence(), Arrays.copyOf(REPORT_DATA, 32));
    }

    @Test
    void evidence_shortReportData_isFilled() throws Exception {
        TpmEvidence.verify(new JsonCursor(attester.evidence(new byte[] {7}), "$"), Arrays.copyOf(new byte[] {7}, 32));
    }

    @Test
    void evidence_quoteThatFails_leavesNoKey() {
        tpm.meddling = (code, response) -> code == 0x158 ? new byte[0] : response;
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA)).isInstanceOf(EvidenceUnavailableException.class);
    }

    @Test
    void evidence_tooMuchReportData_isRefused() {
        assertThatThrownBy(() -> attester.evidence(new byte[65]))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("65 bytes");
    }

    @Test
    void checkInitData_firstTime_extendsPcr8AndThenNoMore() throws Exception {
        InitDataDocument initData = InitDatas.of("sha256");
        assertThat(attester.checkInitData(initData)).isEqualTo(InitDataBinding.BOUND);
        assertThat(attester.checkInitData(initData)).isEqualTo(InitDataBinding.BOUND);
        assertThat(tpm.commands()).isEqualTo(List.of("extend 8"));
        byte[] both = HexFormat.of().parseHex("00".repeat(32) + HexFormat.of().formatHex(initData.digest()));
        assertThat(tpm.pcr(8)).isEqualTo(HashAlgorithm.SHA256.digest(both));
    }

    @Test
    void checkInitData_pcrThatHoldsSomethingElse_isRefusedAndLeftAlone() throws Exception {
        tpm.pcr(8)[0] = 1;
        assertThatThrownBy(() -> attester.checkInitData(InitDatas.of("sha256")))
                .isInstanceOf(InitDataMismatchException.class)
                .hasMessageContaining("PCR 8 is 01");
        assertThat(tpm.commands()).isEmpty();
    }

    @Test
    void checkInitData_extensionThatDoesNotHappen_isRefused() {
        tpm.meddling = (code, response) -> {
            if (code == 0x182) {
                Arrays.fill(tpm.pcr(8), (byte) 0);
            }
            return response;
        };
        assertThatThrownBy(() -> attester.checkInitData(InitDatas.of("sha256")))
                .isInstanceOf(InitDataMismatchException.class);
    }

    @Test
    void checkInitData_otherAlgorithm_isRefused() {
        assertThatThrownBy(() -> attester.checkInitData(InitDatas.of("sha384")))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("sha384, expected sha256");
        assertThat(tpm.commands()).isEmpty();
    }

    @Test
    void registers_pcrs_areReadAndExtended() throws Exception {
        MeasurementRegisters registers = attester.registers().orElseThrow();
        assertThat(registers.measured()).isTrue();
        assertThat(registers.algorithm()).isEqualTo(HashAlgorithm.SHA256);
        assertThat(registers.logIndex(17)).isEqualTo(17);
        registers.extend(17, new byte[32]);
        assertThat(registers.read(17)).isEqualTo(tpm.pcr(17)).isNotEqualTo(new byte[32]);
    }

    @Test
    void registers_pcrThatIsNoneOrTpmThatIsGone_areRefused() {
        MeasurementRegisters registers = attester.registers().orElseThrow();
        assertThatThrownBy(() -> registers.extend(24, new byte[32])).isInstanceOf(EventLogException.class);
        assertThatThrownBy(() -> registers.read(-1)).isInstanceOf(EventLogException.class);
        tpm.broken = true;
        assertThatThrownBy(() -> registers.extend(17, new byte[32]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tpm: TPM2_PCR_Extend: no answer");
        assertThatThrownBy(() -> registers.read(17))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no answer");
    }
}
