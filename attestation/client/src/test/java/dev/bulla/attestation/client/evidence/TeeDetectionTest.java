package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.attestation.client.evidence.TeeDetection.Outcome;
import dev.bulla.attestation.client.evidence.TeeDetection.Probe;
import dev.bulla.attestation.client.evidence.azure.InstanceMetadataService;
import dev.bulla.attestation.client.evidence.tpm.FakeTpm;
import dev.bulla.attestation.client.evidence.tsm.FakeTsm;
import dev.bulla.attestation.client.evidence.tsm.TsmReportFiles;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.linux.SevGuest;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TeeDetectionTest {
    @TempDir
    Path root;

    private final FakeTsm tsm = new FakeTsm();
    private final FakeTpm tpm = new FakeTpm();
    private boolean configfs;

    private Attesters attesters(Attester... extra) {
        TsmReportFiles files = configfs ? tsm : TsmReportFiles.in(root.resolve("sys/kernel/config/tsm/report"));
        return Attesters.of(
                new TeeInterfaces(
                        root,
                        root.resolve("aael"),
                        files,
                        SevGuest.at(root.resolve("dev/sev-guest")),
                        tpm,
                        new InstanceMetadataService(),
                        new SecureRandom()),
                List.of(extra));
    }

    private void touch(String path) throws Exception {
        Files.createDirectories(root.resolve(path).getParent());
        Files.createFile(root.resolve(path));
    }

    private static Probe probe(TeeDetection detection, Tee tee) {
        return detection.probes().stream()
                .filter(probe -> probe.tee() == tee)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void detect_plainMachine_findsNothingAndNeverSample() {
        TeeDetection detection = attesters().detect();
        assertThat(detection.probes())
                .extracting(Probe::tee)
                .containsExactly(
                        Tee.TDX,
                        Tee.SGX,
                        Tee.AZ_TDX_VTPM,
                        Tee.AZ_SNP_VTPM,
                        Tee.SNP,
                        Tee.CSV,
                        Tee.CCA,
                        Tee.SE,
                        Tee.HYGON_DCU,
                        Tee.TPM);
        assertThat(detection.probes()).allSatisfy(probe -> {
            assertThat(probe.outcome()).isEqualTo(Outcome.ABSENT);
            assertThat(probe.reason()).isNotEmpty();
        });
        assertThatThrownBy(detection::detected)
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("no TEE was found");
        assertThatThrownBy(() -> attesters().named("auto")).isInstanceOf(EvidenceUnavailableException.class);
    }

    @ParameterizedTest
    @CsvSource({"tdx_guest, TDX", "sev_guest, SNP", "arm_cca_guest, CCA"})
    void detect_configfsProvider_isThatTee(String provider, Tee tee) throws Exception {
        configfs = true;
        tsm.provider = provider;
        TeeDetection detection = attesters().detect();
        assertThat(detection.detected()).isEqualTo(tee);
        assertThat(detection.probes().stream().filter(probe -> probe.outcome() == Outcome.PRESENT))
                .hasSize(1);
        assertThat(tsm.left()).isEmpty();
        assertThat(attesters().named("auto").tee()).isEqualTo(tee);
    }

    @ParameterizedTest
    @CsvSource({"dev/tdx_guest, TDX", "dev/sev-guest, SNP", "dev/arm-cca-guest, CCA", "dev/tpm0, TPM", "dev/tpmrm0, TPM"
    })
    void detect_device_isThatTee(String device, Tee tee) throws Exception {
        touch(device);
        assertThat(attesters().detect().detected()).isEqualTo(tee);
    }

    @ParameterizedTest
    @CsvSource({"2, AZ_SNP_VTPM", "4, AZ_TDX_VTPM"})
    void detect_paravisor_countsBeforeTheTpm(int type, Tee tee) throws Exception {
        touch("dev/tpmrm0");
        tpm.nv().put(AzureVtpm.REPORT, HclReports.of(type, new byte[64]));
        TeeDetection detection = attesters().detect();
        assertThat(detection.detected()).isEqualTo(tee);
        assertThat(probe(detection, Tee.TPM).outcome()).isEqualTo(Outcome.PRESENT);
        assertThat(tpm.opened()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"dev/attestation/attestation_type, SGX", "dev/csv-guest, CSV", "dev/mkfd, HYGON_DCU"})
    void detect_kindThatIsNotSupported_endsTheSearch(String device, Tee tee) throws Exception {
        touch(device);
        touch("dev/tpmrm0");
        TeeDetection detection = attesters().detect();
        assertThat(probe(detection, tee).outcome()).isEqualTo(Outcome.NOT_SUPPORTED);
        assertThatThrownBy(detection::detected)
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("TEE " + tee.wireName())
                .hasMessageContaining("not supported");
    }

    @Test
    void detect_secureExecution_isToldByItsFlag() throws Exception {
        String flag = "sys/firmware/uv/prot_virt_guest";
        touch(flag);
        Files.writeString(root.resolve(flag), "0\n");
        assertThat(probe(attesters().detect(), Tee.SE).outcome()).isEqualTo(Outcome.ABSENT);
        Files.writeString(root.resolve(flag), "1\n");
        assertThat(probe(attesters().detect(), Tee.SE).outcome()).isEqualTo(Outcome.NOT_SUPPORTED);
        Files.writeString(root.resolve(flag), "x".repeat(65));
        assertThat(probe(attesters().detect(), Tee.SE).outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void detect_configfsThatCannotBeAsked_endsTheSearch() throws Exception {
        configfs = true;
        tsm.provider = null;
        touch("dev/sev-guest");
        TeeDetection detection = attesters().detect();
        assertThat(probe(detection, Tee.TDX).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(probe(detection, Tee.SNP).outcome()).isEqualTo(Outcome.PRESENT);
        assertThatThrownBy(detection::detected)
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("TEE tdx");
    }

    @Test
    void detect_tpmThatCannotBeAsked_isNotTakenForOneAlone() throws Exception {
        touch("dev/tpmrm0");
        tpm.broken = true;
        TeeDetection detection = attesters().detect();
        assertThat(probe(detection, Tee.AZ_SNP_VTPM).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThatThrownBy(detection::detected)
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("az-tdx-vtpm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tdx", "snp", "cca", "tpm", "az-snp-vtpm", "az-tdx-vtpm", "sample"})
    void named_eachKind_isGivenUntried(String name) throws Exception {
        assertThat(attesters().named(name).tee().wireName()).isEqualTo(name);
        assertThat(attesters().names()).contains(name, "auto");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sample", "sgx", "sampledevice", "nvidia", "TDX"})
    void named_anythingElse_isRefused(String name) {
        assertThatThrownBy(() -> attesters().named(name))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("expected one of auto, tdx, snp, cca, tpm, az-snp-vtpm, az-tdx-vtpm, sample");
    }

    @Test
    void named_snpWithoutConfigfs_asksTheDevice() throws Exception {
        assertThatThrownBy(() -> attesters().named("snp").evidence(new byte[48]))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("dev/sev-guest");
        configfs = true;
        assertThatThrownBy(() -> attesters().named("snp").evidence(new byte[48]))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("expected \"sev_guest\"");
    }

    /** An attester that somebody else wrote. */
    private record Foreign(Tee tee) implements Attester {
        @Override
        public JsonValue evidence(byte[] reportData) {
            return JsonNull.NULL;
        }
    }

    @Test
    void of_anotherKind_isNamedAndFound() throws Exception {
        Foreign sgx = new Foreign(Tee.SGX);
        assertThat(attesters(sgx).named("sgx")).isSameAs(sgx);
        assertThat(attesters(sgx).names()).contains("sgx");
        touch("dev/attestation/attestation_type");
        assertThat(attesters(sgx).named("auto")).isSameAs(sgx);
    }

    @Test
    void of_secondOfAKind_isADefectOfTheCaller() {
        for (Tee tee : List.of(Tee.TDX, Tee.SAMPLE)) {
            assertThatIllegalArgumentException().isThrownBy(() -> attesters(new Foreign(tee)));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> attesters(new Foreign(Tee.SGX), new Foreign(Tee.SGX)));
    }

    @Test
    void of_kernelsOwn_canBeLookedFor() {
        TeeInterfaces own = TeeInterfaces.of(root, EventLog.DEFAULT_FILE, new SecureRandom());
        assertThat(Attesters.of(own, List.of()).detect().probes())
                .allSatisfy(probe -> assertThat(probe.outcome()).isEqualTo(Outcome.ABSENT));
    }
}
