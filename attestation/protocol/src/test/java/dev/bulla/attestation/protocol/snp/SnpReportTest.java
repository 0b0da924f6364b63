package dev.bulla.attestation.protocol.snp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnpReportTest {

    @Test
    void parse_everyField_isRead() throws Exception {
        SnpReport report = SnpReport.parse(TestReports.bytes(5, TestReports.TURIN));
        assertThat(report.version()).isEqualTo(5);
        assertThat(report.guestSvn()).isEqualTo(0xFFFF_FFFEL);
        assertThat(report.policy()).isEqualTo(new SnpPolicy(0x8000_0000_000B_1F2EL));
        assertThat(report.vmpl()).isEqualTo(0xFFFF_FFFFL);
        assertThat(report.signatureAlgorithm()).isEqualTo(1);
        assertThat(report.currentTcb()).isEqualTo(new SnpTcb(OptionalInt.of(0x38), 2, 0x17, 4, 0xD9));
        assertThat(report.platformInfo().bits()).isEqualTo(0xF000_0000_0000_0025L);
        assertThat(report.keyInfo().signingKey()).isEqualTo(SnpSigningKey.VLEK);
        assertThat(report.familyId()).isEqualTo(pattern(0x010, 16));
        assertThat(report.imageId()).isEqualTo(pattern(0x020, 16));
        assertThat(report.reportData()).isEqualTo(pattern(0x050, 64));
        assertThat(report.measurement()).isEqualTo(pattern(0x090, 48));
        assertThat(report.hostData()).isEqualTo(pattern(0x0C0, 32));
        assertThat(report.idKeyDigest()).isEqualTo(pattern(0x0E0, 48));
        assertThat(report.authorKeyDigest()).isEqualTo(pattern(0x110, 48));
        assertThat(report.reportId()).isEqualTo(pattern(0x140, 32));
        assertThat(report.reportIdOfMigrationAgent()).isEqualTo(pattern(0x160, 32));
        assertThat(report.reportedTcb()).isEqualTo(new SnpTcb(OptionalInt.of(0x80), 2, 0x17, 4, 0xD9));
        assertThat(report.product()).contains(SnpProduct.TURIN);
        assertThat(report.cpuFamily()).hasValue(0x1A);
        assertThat(report.cpuModel()).hasValue(2);
        assertThat(report.cpuStepping()).hasValue(1);
        assertThat(report.chipId()).isEqualTo(pattern(0x1A0, 64));
        assertThat(report.committedTcb().fmc()).hasValue(0xE0);
        assertThat(report.currentVersion()).isEqualTo(new SnpFirmwareVersion(0x67, 0x60, 0x59));
        assertThat(report.committedVersion()).isEqualTo(new SnpFirmwareVersion(0x83, 0x7C, 0x75));
        assertThat(report.launchTcb().fmc()).hasValue(0xF0);
        assertThat(report.launchMitigations()).hasValue(-1);
        assertThat(report.currentMitigations()).hasValue(0x0123_4567_89AB_CDEFL);
        assertThat(report.signatureR()).isEqualTo(pattern(0x2A0, 72));
        assertThat(report.signatureS()).isEqualTo(pattern(0x2E8, 72));
        assertThat(report.signedBytes()).isEqualTo(Arrays.copyOf(report.bytes(), 0x2A0));
        assertThat(report).hasToString("SNP report of version 5, Turin");
    }

    private static byte[] pattern(int offset, int size) {
        byte[] expected = new byte[size];
        for (int i = 0; i < size; i++) {
            expected[i] = (byte) ((offset + i) * 7 + 1);
        }
        return expected;
    }

    @Test
    void parse_olderVersion_hasNoLaterFields() throws Exception {
        SnpReport second = SnpReport.parse(TestReports.bytes(2, TestReports.MILAN));
        assertThat(second.product()).isEmpty();
        assertThat(second.cpuFamily()).isEqualTo(OptionalInt.empty());
        assertThat(second.reportedTcb()).isEqualTo(new SnpTcb(OptionalInt.empty(), 0x80, 2, 0x17, 0xD9));
        SnpReport fourth = SnpReport.parse(TestReports.bytes(4, TestReports.GENOA));
        assertThat(fourth.product()).contains(SnpProduct.GENOA);
        assertThat(fourth.launchMitigations()).isEqualTo(OptionalLong.empty());
    }

    /** Version 2 does not name the processor: only Turin's chip identifiers are short. */
    @Test
    void parse_version2WithShortChipId_isTurinsLayout() throws Exception {
        byte[] bytes = TestReports.bytes(2, TestReports.TURIN);
        Arrays.fill(bytes, 0x1A8, 0x1E0, (byte) 0);
        SnpReport report = SnpReport.parse(bytes);
        assertThat(report.reportedTcb()).isEqualTo(new SnpTcb(OptionalInt.of(0x80), 2, 0x17, 4, 0xD9));
        assertThat(SnpReport.parse(throughText(report))).isEqualTo(report);
    }

    @Test
    void parse_givenBytes_areCopied() throws Exception {
        byte[] bytes = TestReports.bytes(3, TestReports.MILAN);
        SnpReport report = SnpReport.parse(bytes);
        bytes[0x50]++;
        report.bytes()[0x51]++;
        assertThat(report.bytes()).isEqualTo(TestReports.bytes(3, TestReports.MILAN));
    }

    @Test
    void parse_truncatedAnywhereOrLonger_isRefused() {
        byte[] whole = TestReports.bytes(3, TestReports.MILAN);
        for (int size = 0; size < SnpReport.SIZE; size++) {
            byte[] part = Arrays.copyOf(whole, size);
            assertThatThrownBy(() -> SnpReport.parse(part))
                    .isInstanceOf(KbsProtocolException.class)
                    .hasMessage("SNP report: " + size + " bytes, expected 1184");
        }
        assertThatThrownBy(() -> SnpReport.parse(Arrays.copyOf(whole, 1185)))
                .hasMessage("SNP report: 1185 bytes, expected 1184");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, -1})
    void parse_versionBeyondTheLimits_isRefused(int version) {
        assertThatThrownBy(() -> SnpReport.parse(TestReports.bytes(version, TestReports.MILAN)))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessage("SNP report: version " + Integer.toUnsignedLong(version) + ", expected 2 to 5");
    }

    @ParameterizedTest
    @CsvSource({
        "0x1900, MILAN",
        "0x190F, MILAN",
        "0x1910, GENOA",
        "0x191F, GENOA",
        "0x19A0, GENOA",
        "0x19AE, GENOA",
        "0x1A00, TURIN",
        "0x1A11, TURIN"
    })
    void parse_knownProcessor_hasItsProduct(int familyAndModel, SnpProduct product) throws Exception {
        assertThat(SnpReport.parse(TestReports.bytes(3, familyAndModel)).product())
                .contains(product);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x1920, 0x199F, 0x19AF, 0x1A12, 0x1701, 0x1B00, 0x0000})
    void parse_unknownProcessor_isRefused(int familyAndModel) {
        assertThatThrownBy(() -> SnpReport.parse(TestReports.bytes(3, familyAndModel)))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageMatching(
                        "SNP report: processor family [0-9A-F]{2}h, model [0-9A-F]{2}h, expected Milan, Genoa or Turin");
    }

    @TestFactory
    Stream<DynamicTest> parse_reservedByte_isRefused() {
        return Stream.of(
                reserved(2, TestReports.MILAN, 0x04C, 0x050, 0x03A, 0x03E, 0x188, 0x1A0, 0x1F8, 0x2A0),
                reserved(3, TestReports.MILAN, 0x182, 0x186, 0x18B, 0x1A0, 0x1E2, 0x1E6, 0x1F2, 0x1F6, 0x1F8, 0x2A0),
                reserved(4, TestReports.GENOA, 0x1EB, 0x1EC, 0x1EF, 0x1F0, 0x1F8, 0x2A0, 0x330, 0x4A0),
                reserved(5, TestReports.TURIN, 0x03C, 0x03F, 0x184, 0x187, 0x208, 0x2A0, 0x330, 0x4A0));
    }

    private static DynamicTest reserved(int version, int processor, int... ranges) {
        return DynamicTest.dynamicTest("version " + version, () -> {
            for (int range = 0; range < ranges.length; range += 2) {
                for (int at = ranges[range]; at < ranges[range + 1]; at++) {
                    byte[] bytes = TestReports.bytes(version, processor);
                    bytes[at] = 1;
                    assertThatThrownBy(() -> SnpReport.parse(bytes))
                            .isInstanceOf(KbsProtocolException.class)
                            .hasMessageContaining("reserved byte at " + Integer.toHexString(at) + "h");
                }
            }
        });
    }

    @Test
    void toEvidenceJson_members_areTheCratesInItsOrder() throws Exception {
        assertThat(SnpReport.parse(TestReports.bytes(3, TestReports.MILAN))
                        .toEvidenceJson()
                        .members()
                        .keySet())
                .containsExactly(
                        "version",
                        "guest_svn",
                        "policy",
                        "family_id",
                        "image_id",
                        "vmpl",
                        "sig_algo",
                        "current_tcb",
                        "plat_info",
                        "key_info",
                        "report_data",
                        "measurement",
                        "host_data",
                        "id_key_digest",
                        "author_key_digest",
                        "report_id",
                        "report_id_ma",
                        "reported_tcb",
                        "cpuid_fam_id",
                        "cpuid_mod_id",
                        "cpuid_step",
                        "chip_id",
                        "committed_tcb",
                        "current",
                        "committed",
                        "launch_tcb",
                        "launch_mit_vector",
                        "current_mit_vector",
                        "signature");
    }

    @Test
    void toEvidenceJson_values_areUnsignedOrNull() throws Exception {
        String fifth = text(TestReports.bytes(5, TestReports.TURIN));
        assertThat(fifth)
                .contains("\"guest_svn\":4294967294")
                .contains("\"policy\":9223372036855504686")
                .contains("\"plat_info\":17293822569102704677")
                .contains("\"key_info\":2147483652")
                .contains("\"current_tcb\":{\"fmc\":56,\"bootloader\":2,\"tee\":23,\"snp\":4,\"microcode\":217}")
                .contains("\"cpuid_fam_id\":26,\"cpuid_mod_id\":2,\"cpuid_step\":1")
                .contains("\"current\":{\"major\":103,\"minor\":96,\"build\":89}")
                .contains("\"launch_mit_vector\":18446744073709551615,\"current_mit_vector\":81985529216486895");
        assertThat(text(TestReports.bytes(2, TestReports.MILAN)))
                .contains("\"fmc\":null")
                .contains("\"cpuid_fam_id\":null,\"cpuid_mod_id\":null,\"cpuid_step\":null")
                .contains("\"launch_mit_vector\":null,\"current_mit_vector\":null");
    }

    private static String text(byte[] report) throws Exception {
        return JsonWriter.compact(SnpReport.parse(report).toEvidenceJson());
    }

    private static JsonCursor throughText(SnpReport report) throws Exception {
        return JsonCursor.parse(JsonWriter.compact(report.toEvidenceJson()));
    }

    /** Whatever the fields' values are, the JSON of a report gives its very bytes again, reserved bytes and all. */
    @Property(tries = 200)
    void json_anyReport_roundTrips(@ForAll("reports") byte[] bytes) throws Exception {
        SnpReport report = SnpReport.parse(bytes);
        assertThat(SnpReport.parse(throughText(report)).bytes()).isEqualTo(bytes);
    }

    @Provide
    Arbitrary<byte[]> reports() {
        Arbitrary<Integer> processors = Arbitraries.of(TestReports.MILAN, TestReports.GENOA, TestReports.TURIN);
        Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofSize(SnpReport.SIZE);
        return Combinators.combine(Arbitraries.integers().between(2, 5), processors, noise)
                .as((version, processor, values) -> {
                    byte[] bytes = TestReports.bytes(version, processor);
                    if (version == 2) {
                        bytes = TestReports.bytes(2, TestReports.MILAN);
                    }
                    for (int i = 4; i < bytes.length; i++) {
                        boolean named = i == 0x188 || i == 0x189 || i == 0x1DF;
                        bytes[i] = bytes[i] == 0 || named ? bytes[i] : values[i];
                    }
                    return bytes;
                });
    }

    /** A writer from before the mitigation vectors does not name them. */
    @Test
    void parse_jsonWithoutMitigations_isRead() throws Exception {
        byte[] bytes = TestReports.bytes(5, TestReports.TURIN);
        Arrays.fill(bytes, 0x1F8, 0x208, (byte) 0);
        String without = text(bytes).replace("\"launch_mit_vector\":0,\"current_mit_vector\":0,", "");
        assertThat(SnpReport.parse(JsonCursor.parse(without)).bytes()).isEqualTo(bytes);
        String third = text(TestReports.bytes(3, TestReports.MILAN))
                .replace("\"launch_mit_vector\":null,\"current_mit_vector\":null,", "");
        assertThat(third).doesNotContain("mit_vector");
        assertThat(SnpReport.parse(JsonCursor.parse(third)).bytes()).isEqualTo(TestReports.bytes(3, TestReports.MILAN));
    }

    @TestFactory
    Stream<DynamicTest> parse_jsonThatIsNoReport_isRefused() {
        return Stream.of(
                refused(3, "{\"version\":3", "{\"raw\":1,\"version\":3", "unknown key \"raw\""),
                refused(3, "\"version\":3", "\"version\":6", "version 6, expected 2 to 5"),
                refused(3, "\"guest_svn\":4294967294", "\"guest_svn\":4294967296", "$.guest_svn: got 4294967296"),
                refused(3, "\"policy\":9223372036855504686", "\"policy\":18446744073709551616", "of 64 bits"),
                refused(3, "\"policy\":9223372036855504686", "\"policy\":-1", "of 64 bits"),
                refused(3, "\"policy\":9223372036855504686", "\"policy\":1.5", "expected an integer"),
                refused(3, "\"policy\":9223372036855504686", "\"policy\":\"1\"", "expected an integer"),
                refused(3, "\"family_id\":[113,", "\"family_id\":[", "$.family_id: got 15 bytes, expected 16"),
                refused(3, "\"family_id\":[113,", "\"family_id\":[1,113,", "$.family_id: got 17 bytes, expected 16"),
                refused(3, "\"family_id\":[113,", "\"family_id\":[256,", "$.family_id[0]: got 256"),
                refused(3, "\"family_id\":[113,", "\"family_id\":[-1,", "$.family_id[0]: got -1"),
                refused(3, "\"fmc\":null", "\"fmc\":0", "\"fmc\" is there, expected none before Turin"),
                refused(5, "\"fmc\":56", "\"fmc\":null", "\"fmc\" is missing, expected one for Turin"),
                refused(3, "\"bootloader\":56", "\"bootloader\":256", "$.current_tcb.bootloader: got 256"),
                refused(3, "\"cpuid_mod_id\":1,", "\"cpuid_mod_id\":null,", "$.cpuid_mod_id: got null"),
                refused(3, "\"cpuid_fam_id\":25,", "\"cpuid_fam_id\":23,", "processor family 17h"),
                refused(2, "\"cpuid_step\":null", "\"cpuid_step\":0", "a report of this version has none"),
                refused(4, "\"launch_mit_vector\":null", "\"launch_mit_vector\":0", "of this version has none"),
                refused(3, "\"signature\":{", "\"signature\":{\"t\":[],", "$.signature: unknown key \"t\""),
                refused(3, "\"chip_id\"", "\"chip\"", "unknown key \"chip\""));
    }

    private static DynamicTest refused(int version, String from, String to, String message) {
        return DynamicTest.dynamicTest(to, () -> {
            String good = text(TestReports.bytes(version, version == 5 ? TestReports.TURIN : TestReports.MILAN));
            String bad = good.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to));
            assertThat(bad).isNotEqualTo(good);
            assertThatThrownBy(() -> SnpReport.parse(JsonCursor.parse(bad)))
                    .isInstanceOf(KbsProtocolException.class)
                    .hasMessageStartingWith("SNP report: ")
                    .hasMessageContaining(message);
        });
    }

    @Test
    void parse_jsonWithoutAMember_isRefused() throws Exception {
        SnpReport report = SnpReport.parse(TestReports.bytes(3, TestReports.MILAN));
        for (String name : report.toEvidenceJson().members().keySet()) {
            var members = new LinkedHashMap<>(report.toEvidenceJson().members());
            members.remove(name);
            JsonCursor without = new JsonCursor(new JsonObject(members), "$");
            if (!name.endsWith("mit_vector")) {
                assertThatThrownBy(() -> SnpReport.parse(without))
                        .isInstanceOf(KbsProtocolException.class)
                        .hasMessageContaining("\"" + name + "\" is missing");
            }
        }
    }

    @Test
    void bits_ofPolicyPlatformAndKeys_areEachTheirOwn() {
        assertThat(IntStream.range(0, 26)
                        .mapToObj(bit -> new SnpPolicy(1L << bit))
                        .map(SnpReportTest::flags))
                .filteredOn(flags -> flags.contains(true))
                .hasSize(9)
                .allMatch(flags -> flags.stream().filter(flag -> flag).count() == 1)
                .doesNotHaveDuplicates();
        assertThat(new SnpPolicy(0x1F2E).abiMajor()).isEqualTo(0x1F);
        assertThat(new SnpPolicy(0x1F2E).abiMinor()).isEqualTo(0x2E);
        assertThat(new SnpPolicy(1L << 19).debugAllowed()).isTrue();
        assertThat(new SnpPolicy(1L << 18).migrationAgentAllowed()).isTrue();
        assertThat(new SnpPolicy(0x0302_0000).isWellFormed()).isTrue();
        assertThat(new SnpPolicy(0x0300_0000).isWellFormed()).isFalse();
        assertThat(new SnpPolicy(0x0402_0000).isWellFormed()).isFalse();
        assertThat(new SnpPlatformInfo(1).smtEnabled()).isTrue();
        assertThat(new SnpPlatformInfo(2).tsmeEnabled()).isTrue();
        assertThat(new SnpPlatformInfo(4).eccEnabled()).isTrue();
        assertThat(new SnpPlatformInfo(8).raplDisabled()).isTrue();
        assertThat(new SnpPlatformInfo(16).ciphertextHidingEnabled()).isTrue();
        assertThat(new SnpPlatformInfo(32).aliasCheckComplete()).isTrue();
        assertThat(new SnpPlatformInfo(128).tioEnabled()).isTrue();
        assertThat(new SnpPlatformInfo(64).tioEnabled()).isFalse();
        assertThat(new SnpKeyInfo(1).authorKeyPresent()).isTrue();
        assertThat(new SnpKeyInfo(2).chipKeyMasked()).isTrue();
        assertThat(new SnpKeyInfo(4).signingKey()).isEqualTo(SnpSigningKey.VLEK);
        assertThat(new SnpKeyInfo(0x1C).signingKey()).isEqualTo(SnpSigningKey.NONE);
        assertThat(new SnpKeyInfo(8).signingKey()).isEqualTo(SnpSigningKey.RESERVED);
        assertThat(new SnpKeyInfo(0x1F).isWellFormed()).isTrue();
        assertThat(new SnpKeyInfo(0x20).isWellFormed()).isFalse();
    }

    private static List<Boolean> flags(SnpPolicy policy) {
        return List.of(
                policy.smtAllowed(),
                policy.migrationAgentAllowed(),
                policy.debugAllowed(),
                policy.singleSocketRequired(),
                policy.cxlAllowed(),
                policy.aes256XtsRequired(),
                policy.raplOffRequired(),
                policy.ciphertextHidingRequired(),
                policy.pageSwapDisabled());
    }

    /** Every report of the conformance data, told by its size, gives its very bytes after a way through JSON. */
    @Test
    void conformance_everyReport_roundTrips() throws Exception {
        Path folder = Path.of(System.getProperty("bulla.conformance", ""), "attestation", "snp");
        assumeTrue(Files.isDirectory(folder), "no conformance data: " + folder);
        int reports = 0;
        for (Path file : files(folder)) {
            if (Files.size(file) == SnpReport.SIZE && file.toString().endsWith(".bin")) {
                byte[] bytes = Files.readAllBytes(file);
                assertThat(SnpReport.parse(throughText(SnpReport.parse(bytes))).bytes())
                        .as("%s", file)
                        .isEqualTo(bytes);
                reports++;
            }
        }
        assertThat(reports).isPositive();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
