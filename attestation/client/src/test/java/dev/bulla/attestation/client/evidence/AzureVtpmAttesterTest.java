package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.azure.AzureMetadata;
import dev.bulla.attestation.client.evidence.tpm.FakeTpm;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AzureVtpmAttesterTest {
    private static final byte[] REPORT_DATA = HashAlgorithm.SHA384.digest(new byte[] {1});

    private final FakeTpm tpm = new FakeTpm();
    private final List<Duration> pauses = new ArrayList<>();
    private final AzureMetadata metadata = new AzureMetadata() {
        @Override
        public byte[] vcek() {
            return new byte[] {1, 2};
        }

        @Override
        public byte[] tdQuote(byte[] tdReport) {
            return new byte[] {(byte) tdReport.length, tdReport[0]};
        }
    };

    /** The paravisor: a report carries what was written last. */
    private AzureVtpmAttester paravisor(int type, Tee tee) {
        tpm.keep(AzureVtpm.KEY);
        tpm.nv().put(AzureVtpm.REPORT, HclReports.of(type, new byte[64]));
        tpm.onRead =
                bytes -> HclReports.of(type, Objects.requireNonNull(tpm.nv().get(AzureVtpm.USER_DATA)));
        return new AzureVtpmAttester(tee, tpm, metadata, pauses::add);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(tpm.opened()).isZero();
    }

    private static byte[] base64(JsonCursor.Members members, String name) throws Exception {
        String text = members.required(name).string();
        assertThat(text.length() % 4).isZero(); // with padding
        return Base64.getUrlDecoder().decode(text);
    }

    private void quoteIsGood(JsonCursor.Members evidence) throws Exception {
        assertThat(evidence.required("version").integer(0, 9)).isEqualTo(2);
        JsonCursor.Members quote = evidence.required("tpm_quote").object();
        quote.allowOnly("signature", "message", "pcrs");
        TpmEvidence.verify(
                tpm.publicKey(),
                HexFormat.of().parseHex(quote.required("message").string()),
                HexFormat.of().parseHex(quote.required("signature").string()),
                quote.required("pcrs").strings(),
                REPORT_DATA);
    }

    @Test
    void evidence_snp_isQuoteReportAndCertificate() throws Exception {
        JsonCursor.Members evidence =
                new JsonCursor(paravisor(HclReports.SNP, Tee.AZ_SNP_VTPM).evidence(REPORT_DATA), "$").object();
        evidence.allowOnly("version", "tpm_quote", "hcl_report", "vcek");
        quoteIsGood(evidence);
        assertThat(base64(evidence, "hcl_report")).isEqualTo(HclReports.of(HclReports.SNP, REPORT_DATA));
        assertThat(base64(evidence, "vcek")).containsExactly(1, 2);
        assertThat(pauses).isEmpty();
    }

    @Test
    void evidence_tdx_isQuoteReportAndTdQuote() throws Exception {
        JsonCursor.Members evidence =
                new JsonCursor(paravisor(HclReports.TDX, Tee.AZ_TDX_VTPM).evidence(REPORT_DATA), "$").object();
        evidence.allowOnly("version", "tpm_quote", "hcl_report", "td_quote");
        quoteIsGood(evidence);
        assertThat(base64(evidence, "td_quote")).containsExactly((byte) 1024, 0x42);
    }

    @Test
    void evidence_staleReport_isWaitedFor() throws Exception {
        AzureVtpmAttester attester = paravisor(HclReports.SNP, Tee.AZ_SNP_VTPM);
        tpm.onRead = bytes -> HclReports.of(HclReports.SNP, pauses.size() < 3 ? new byte[64] : REPORT_DATA);
        attester.evidence(REPORT_DATA);
        assertThat(pauses).hasSize(3).containsOnly(AzureVtpm.PAUSE);
    }

    @Test
    void evidence_reportThatStaysStale_isRefused() {
        AzureVtpmAttester attester = paravisor(HclReports.SNP, Tee.AZ_SNP_VTPM);
        tpm.onRead = bytes -> HclReports.withText(HclReports.SNP, "{\"keys\":[]}");
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("still does not carry our report data after 20 reads");
    }

    @Test
    void evidence_otherHardware_isRefused() {
        AzureVtpmAttester attester = paravisor(HclReports.TDX, Tee.AZ_SNP_VTPM);
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("of az-tdx-vtpm, expected az-snp-vtpm");
    }

    @Test
    void evidence_noReportOrNoKey_isRefused() {
        AzureVtpmAttester attester = new AzureVtpmAttester(Tee.AZ_SNP_VTPM, tpm, metadata, pauses::add);
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("this is not Azure");
        tpm.nv().put(AzureVtpm.REPORT, HclReports.of(HclReports.SNP, REPORT_DATA));
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("no attestation key at 0x81000003");
    }

    @Test
    void evidence_interrupted_isRefusedAndStaysInterrupted() {
        paravisor(HclReports.SNP, Tee.AZ_SNP_VTPM);
        tpm.onRead = bytes -> HclReports.of(HclReports.SNP, new byte[64]);
        AzureVtpmAttester attester = new AzureVtpmAttester(Tee.AZ_SNP_VTPM, tpm, metadata, duration -> {
            throw new InterruptedException();
        });
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA)).hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void checkInitData_vtpm_extendsPcr8() throws Exception {
        AzureVtpmAttester attester = paravisor(HclReports.SNP, Tee.AZ_SNP_VTPM);
        assertThat(attester.checkInitData(InitDatas.of("sha256"))).isEqualTo(InitDataBinding.BOUND);
        assertThat(tpm.commands()).containsExactly("extend 8");
        assertThat(attester.registers().orElseThrow().algorithm()).isEqualTo(HashAlgorithm.SHA256);
    }

    @Test
    void new_otherKind_isADefectOfTheCaller() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AzureVtpmAttester(Tee.SNP, tpm, metadata, pauses::add));
    }
}
