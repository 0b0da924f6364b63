package dev.bulla.kbs.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.kbs.evidence.EvidenceException;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class HclReportTest {
    private static final byte[] REPORT_DATA = new byte[48];
    private static final byte[] HARDWARE = new byte[1184];

    private static RSAPublicKey key;

    @BeforeAll
    static void makeKey() throws Exception {
        Arrays.fill(REPORT_DATA, (byte) 0xAB);
        Arrays.fill(HARDWARE, (byte) 5);
        key = (RSAPublicKey) TestKeys.AK.getPublic();
    }

    private static TestHcl hcl() {
        return new TestHcl(key, REPORT_DATA);
    }

    private static HclReport read(TestHcl hcl) throws EvidenceException {
        return HclReport.parse(hcl.bytes(HARDWARE));
    }

    @Test
    void parse_bothKindsOfHardware_areRead() throws Exception {
        HclReport snp = read(hcl());
        assertThat(snp.hardware()).isEqualTo(HclReport.Hardware.SNP);
        assertThat(snp.hardwareReport()).isEqualTo(HARDWARE);
        assertThat(snp.attestationKey()).isEqualTo(key);
        snp.checkVariableData(Arrays.copyOf(hcl().variableDataHash(), 64));
        snp.checkUserData(REPORT_DATA);
        snp.checkUserData(Arrays.copyOf(REPORT_DATA, 64));
        TestHcl tdx = hcl();
        tdx.type = 4;
        assertThat(read(tdx).hardware()).isEqualTo(HclReport.Hardware.TDX);
        assertThat(read(tdx).hardwareReport()).isEqualTo(Arrays.copyOf(HARDWARE, 1024));
        assertThat(read(tdx).attestationKey()).isEqualTo(key);
    }

    @TestFactory
    Stream<DynamicTest> parse_reportOfAnotherForm_isRefused() {
        return Stream.of(
                form("magic", h -> h.magic = 0x414C_4349, "it does not begin with \"HCLA\""),
                form("hardware", h -> h.type = 3, "hardware report of type 3, expected 2 (SNP) or 4 (TDX)"),
                form("hash", h -> h.hash = 2, "hash of type 2, expected 1 (SHA-256)"),
                form("size", h -> h.excess = 8, "bytes of variable data, and"),
                form("negative size", h -> h.excess = -100_000, "bytes of variable data, and"));
    }

    private static DynamicTest form(String name, Consumer<TestHcl> change, String message) {
        return DynamicTest.dynamicTest(name, () -> {
            TestHcl hcl = hcl();
            change.accept(hcl);
            assertThatThrownBy(() -> read(hcl))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageStartingWith("HCL report: ")
                    .hasMessageContaining(message);
        });
    }

    @Test
    void parse_truncatedAnywhereOrTooLarge_isRefused() {
        byte[] whole = hcl().bytes(HARDWARE);
        for (int size = 0; size < whole.length - 7; size += size < 1230 ? 10 : 1) {
            byte[] part = Arrays.copyOf(whole, size);
            assertThatThrownBy(() -> HclReport.parse(part)).isInstanceOf(EvidenceException.class);
        }
        assertThatThrownBy(() -> HclReport.parse(Arrays.copyOf(whole, HclReport.MAX_SIZE + 1)))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("HCL report: 16385 bytes, expected 1236 to 16384");
        assertThat(whole.length).isLessThan(HclReport.MAX_SIZE);
    }

    @Test
    void parse_largestReport_isRead() throws Exception {
        byte[] largest = Arrays.copyOf(hcl().bytes(HARDWARE), HclReport.MAX_SIZE);
        assertThat(HclReport.parse(largest).attestationKey()).isEqualTo(key);
    }

    @Test
    void checkVariableData_otherReportData_isRefused() throws Exception {
        HclReport report = read(hcl());
        byte[] good = Arrays.copyOf(hcl().variableDataHash(), 64);
        for (int at : new int[] {0, 31, 32, 63}) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            assertThatThrownBy(() -> report.checkVariableData(bad))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessage("HCL report: its variable data is not what the hardware's report is bound to");
        }
    }

    @TestFactory
    Stream<DynamicTest> checkUserData_otherUserData_isRefused() {
        String good = "\"" + "AB".repeat(48) + "00".repeat(16) + "\"";
        return Stream.of(
                data(good, "\"" + "AB".repeat(47) + "00".repeat(17) + "\"", "is not that of this nonce and key"),
                data(good, "\"" + "AB".repeat(48) + "00".repeat(15) + "01\"", "is not that of this nonce and key"),
                data(good, "\"" + "AB".repeat(47) + "\"", "is not that of this nonce and key"),
                data(good, "\"\"", "is not that of this nonce and key"),
                data(good, "\"A\"", "$.variable-data.user-data: expected hexadecimal"),
                data("user-data", "userdata", "\"user-data\" is missing"),
                data("{\"keys\"", "[\"keys\"", "not strict JSON"));
    }

    private static DynamicTest data(String from, String to, String message) {
        return DynamicTest.dynamicTest(message, () -> {
            HclReport report = changed(from, to);
            assertThatThrownBy(() -> report.checkUserData(REPORT_DATA))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageStartingWith("HCL report: ")
                    .hasMessageContaining(message);
        });
    }

    private static HclReport changed(String from, String to) throws EvidenceException {
        TestHcl hcl = hcl();
        String before = hcl.variableData;
        hcl.variableData = before.replace(from, to);
        assertThat(hcl.variableData).isNotEqualTo(before);
        return read(hcl);
    }

    @TestFactory
    Stream<DynamicTest> attestationKey_thatIsNone_isRefused() {
        return Stream.of(
                noKey("HCLAkPub", "HCLOther", "no key \"HCLAkPub\""),
                noKey("HCLEkPub", "HCLAkPub", "a second key \"HCLAkPub\""),
                noKey("\"kty\":\"RSA\"", "\"kty\":\"EC\"", "kty: expected \"RSA\""),
                noKey("\"e\":\"AQAB\"", "\"e\":\"\"", "no RSA key"),
                noKey("\"n\":\"", "\"n\":\"!", "n: expected base64"),
                noKey("\"n\":", "\"m\":", "\"n\" is missing"),
                noKey("\"keys\"", "\"key\"", "\"keys\" is missing"),
                noKey("\"keys\":[", "\"keys\":[" + "{},".repeat(15), "got 17 keys, expected at most 16"));
    }

    private static DynamicTest noKey(String from, String to, String message) {
        return DynamicTest.dynamicTest(message, () -> {
            HclReport report = changed(from, to);
            assertThatThrownBy(report::attestationKey)
                    .isInstanceOf(EvidenceException.class)
                    .hasMessageStartingWith("HCL report: $.variable-data")
                    .hasMessageContaining(message);
        });
    }
}
