package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.EventLogException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.evidence.tsm.FakeTsm;
import dev.bulla.attestation.client.evidence.tsm.TsmReports;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TdxAttesterTest {
    private static final byte[] REPORT_DATA = HashAlgorithm.SHA384.digest(new byte[] {1});

    @TempDir
    Path folder;

    private final FakeTsm tsm = new FakeTsm();

    private TdxAttester attester() {
        return new TdxAttester(
                new TsmReports(tsm, new SecureRandom()),
                new TdxMeasurements(folder.resolve("measurements")),
                new CcEventLog(folder.resolve("ccel"), folder.resolve("aael")));
    }

    /** A quote's beginning with MRCONFIGID where that version keeps it. */
    private static byte[] quote(int version, byte[] mrConfigId) {
        int body = version == 5 ? 54 : 48;
        ByteBuffer quote = ByteBuffer.allocate(body + 584).order(ByteOrder.LITTLE_ENDIAN);
        quote.putShort(0, (short) version).putInt(4, 0x81).put(body + 184, mrConfigId);
        return quote.array();
    }

    private void measure(String register, byte[] value) throws Exception {
        Files.createDirectories(folder.resolve("measurements"));
        Files.write(folder.resolve("measurements").resolve(register), value);
    }

    @Test
    void evidence_noEventLog_isTheQuoteOfTheFilledReportData() throws Exception {
        assertThat(attester().tee()).isEqualTo(Tee.TDX);
        String quote = Base64.getEncoder().encodeToString(Arrays.copyOf(REPORT_DATA, 64));
        assertThat(JsonWriter.compact(attester().evidence(REPORT_DATA)))
                .isEqualTo("{\"cc_eventlog\":null,\"quote\":\"" + quote + "\"}");
    }

    @Test
    void evidence_ownEventLog_goesWithIt() throws Exception {
        Files.write(folder.resolve("aael"), new byte[] {1});
        tsm.report = in -> new byte[] {9};
        String log = Base64.getEncoder()
                .encodeToString(new CcEventLog(folder.resolve("ccel"), folder.resolve("aael"))
                        .read()
                        .orElseThrow());
        assertThat(JsonWriter.compact(attester().evidence(REPORT_DATA)))
                .isEqualTo("{\"cc_eventlog\":\"" + log + "\",\"quote\":\"CQ==\"}");
    }

    @Test
    void evidence_reportDataAroundTheField_isTakenUpToIt() throws Exception {
        attester().evidence(new byte[64]);
        assertThatThrownBy(() -> attester().evidence(new byte[65]))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("report data of 65 bytes");
    }

    @Test
    void evidence_brokenFirmwareLog_isRefused() throws Exception {
        Files.write(folder.resolve("ccel"), new byte[3]);
        assertThatThrownBy(() -> attester().evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("CCEL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256", "sha384", "sha512"})
    void checkInitData_whatSysfsSays_decides(String algorithm) throws Exception {
        InitDataDocument initData = InitDatas.of(algorithm);
        byte[] measured = initData.digest(48);
        measure("mrconfigid", measured);
        assertThat(attester().checkInitData(initData)).isEqualTo(InitDataBinding.BOUND);
        assertThat(tsm.created()).isEmpty();

        measured[47] ^= 1;
        measure("mrconfigid", measured);
        assertThatThrownBy(() -> attester().checkInitData(initData))
                .isInstanceOf(InitDataMismatchException.class)
                .hasMessageContaining("MRCONFIGID");
    }

    @Test
    void checkInitData_shortRegister_isNoMatch() throws Exception {
        measure("mrconfigid", InitDatas.of("sha384").digest(47));
        assertThatThrownBy(() -> attester().checkInitData(InitDatas.of("sha384")))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("mrconfigid has 47 bytes, expected 48");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void checkInitData_kernelWithoutRegisters_looksIntoAQuote(int version) throws Exception {
        InitDataDocument initData = InitDatas.of("sha256");
        tsm.report = in -> quote(version, initData.digest(48));
        assertThat(attester().checkInitData(initData)).isEqualTo(InitDataBinding.BOUND);
        tsm.report = in -> quote(version, new byte[48]);
        assertThatThrownBy(() -> attester().checkInitData(initData)).isInstanceOf(InitDataMismatchException.class);
    }

    @Test
    void checkInitData_quoteThatIsNone_isRefused() throws Exception {
        byte[] good = quote(4, new byte[48]);
        refusesQuote(Arrays.copyOf(good, 47), "47 bytes");
        refusesQuote(Arrays.copyOf(good, 48 + 184 + 47), "before MRCONFIGID");
        refusesQuote(quote(3, new byte[48]), "version 3");
        byte[] sgx = good.clone();
        sgx[4] = 0;
        refusesQuote(sgx, "TEE type 0");
    }

    private void refusesQuote(byte[] quote, String words) {
        tsm.report = in -> quote;
        assertThatThrownBy(() -> attester().checkInitData(InitDatas.of("sha256")))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining(words);
    }

    @Test
    void registers_kernelWithoutThem_areNotOffered() {
        assertThat(attester().registers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "7, 0", "2, 1", "6, 1", "8, 2", "15, 2", "16, 3", "17, 3", "23, 3"})
    void registers_eachPcr_standsForItsRtmr(int pcr, int rtmr) throws Exception {
        String name = "rtmr" + rtmr + ":sha384";
        byte[] value = new byte[48];
        value[0] = 7;
        measure(name, value);
        MeasurementRegisters registers = attester().registers().orElseThrow();
        assertThat(registers.measured()).isTrue();
        assertThat(registers.algorithm()).isEqualTo(HashAlgorithm.SHA384);
        assertThat(registers.logIndex(pcr)).isEqualTo(rtmr + 1);
        assertThat(registers.read(pcr)).isEqualTo(value);
        byte[] digest = HashAlgorithm.SHA384.digest(value);
        registers.extend(pcr, digest);
        assertThat(folder.resolve("measurements").resolve(name)).hasBinaryContent(digest);
    }

    @Test
    void registers_whatCannotBeExtended_isRefused() throws Exception {
        Files.createDirectories(folder.resolve("measurements"));
        MeasurementRegisters registers = attester().registers().orElseThrow();
        assertThatThrownBy(() -> registers.extend(0, new byte[48]))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("MRTD");
        assertThatThrownBy(() -> registers.extend(17, new byte[48]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tdx: rtmr3:sha384 was not extended");
        assertThat(folder.resolve("measurements")).isEmptyDirectory();
        assertThatThrownBy(() -> registers.read(17))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tdx: ");
        for (int pcr : new int[] {-1, 24}) {
            assertThatThrownBy(() -> registers.extend(pcr, new byte[48]))
                    .isInstanceOf(EventLogException.class)
                    .hasMessageContaining("PCR " + pcr);
        }
        for (int length : new int[] {32, 47, 49}) {
            assertThatIllegalArgumentException().isThrownBy(() -> registers.extend(17, new byte[length]));
        }
    }
}
