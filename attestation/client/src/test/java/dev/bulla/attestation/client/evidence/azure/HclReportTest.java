package dev.bulla.attestation.client.evidence.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.HclReports;
import dev.bulla.attestation.protocol.Tee;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HclReportTest {
    private static final byte[] USER_DATA = {1, (byte) 0xAB};

    @Test
    void parse_eachHardware_isTold() throws Exception {
        HclReport snp = HclReport.parse(HclReports.of(HclReports.SNP, USER_DATA));
        assertThat(snp.tee()).isEqualTo(Tee.AZ_SNP_VTPM);
        assertThat(snp.hardwareReport()).hasSize(1184).startsWith(0x42);
        assertThat(snp.userData()).isEqualTo(USER_DATA);
        assertThat(snp.bytes()).hasSize(2600);
        HclReport tdx = HclReport.parse(HclReports.of(HclReports.TDX, USER_DATA));
        assertThat(tdx.tee()).isEqualTo(Tee.AZ_TDX_VTPM);
        assertThat(tdx.hardwareReport()).hasSize(1024);
    }

    @Test
    void parse_olderParavisor_saysNoUserData() throws Exception {
        assertThat(HclReport.parse(HclReports.withText(HclReports.SNP, "{\"keys\":[]}"))
                        .userData())
                .isEmpty();
    }

    @Test
    void parse_notAReport_isRefused() {
        byte[] good = HclReports.of(HclReports.SNP, USER_DATA);
        refuses(Arrays.copyOf(good, 1235), "1235 bytes");
        byte[] magic = good.clone();
        magic[0] = 'X';
        refuses(magic, "HCLA");
        refuses(HclReports.of(3, USER_DATA), "report type 3");
        byte[] length = good.clone();
        length[1216 + 19] = (byte) 0xFF;
        refuses(length, "variable data of");
        byte[] cut = Arrays.copyOf(good, 1240);
        refuses(cut, "variable data of");
        refuses(HclReports.withText(HclReports.SNP, "{\"user-data\":\"0\"}"), "expected hex");
        refuses(HclReports.withText(HclReports.SNP, "{"), "variable data");
    }

    private static void refuses(byte[] report, String words) {
        assertThatThrownBy(() -> HclReport.parse(report))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("HCL report")
                .hasMessageContaining(words);
    }
}
