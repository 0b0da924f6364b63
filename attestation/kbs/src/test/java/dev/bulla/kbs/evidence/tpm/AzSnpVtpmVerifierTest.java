package dev.bulla.kbs.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.snp.SnpReportVerifier;
import dev.bulla.kbs.evidence.snp.SyntheticAmd;
import dev.bulla.kbs.evidence.snp.TestReport;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AzSnpVtpmVerifierTest {
    private static final byte[] REPORT_DATA = new byte[48];
    private static final byte[] INIT_DATA = new byte[32];

    private static SyntheticAmd amd;
    private static KeyPair vcekKey;
    private static KeyPair akKey;
    private static KeyPair otherAk;

    private TestHcl hcl;
    private TestQuote quote;
    private byte[] hardwareReportData;
    private int privilegeLevel;
    private long version;
    private KeyPair quoteKey;

    @BeforeAll
    static void makeKeys() throws Exception {
        Arrays.fill(REPORT_DATA, (byte) 7);
        Arrays.fill(INIT_DATA, (byte) 9);
        amd = new SyntheticAmd(SnpProduct.MILAN);
        vcekKey = SyntheticAmd.endorsementKey();
        akKey = TestKeys.AK;
        otherAk = TestKeys.OTHER;
    }

    @BeforeEach
    void orderGoodEvidence() throws Exception {
        hcl = new TestHcl((RSAPublicKey) akKey.getPublic(), REPORT_DATA);
        quote = new TestQuote(REPORT_DATA).extendedBy(INIT_DATA);
        hardwareReportData = hcl.variableDataHash();
        privilegeLevel = 0;
        version = 2;
        quoteKey = akKey;
    }

    private JsonValue evidence() throws Exception {
        byte[] report = TestReport.bytes(3, TestReport.MILAN, hardwareReportData, new byte[32]);
        report[0x30] = (byte) privilegeLevel;
        SyntheticAmd.sign(report, vcekKey.getPrivate());
        JsonObject evidence = JsonObject.builder()
                .put("version", version)
                .put("tpm_quote", quote.azure(quoteKey.getPrivate()))
                .put("hcl_report", Base64.getUrlEncoder().encodeToString(hcl.bytes(report)))
                .put(
                        "vcek",
                        Base64.getUrlEncoder()
                                .encodeToString(amd.vcek(vcekKey, report).sign().getEncoded()))
                .build();
        return JsonCursor.parse(JsonWriter.compact(evidence)).value();
    }

    private static AzSnpVtpmVerifier verifier() {
        return new AzSnpVtpmVerifier(new SnpReportVerifier(amd.roots(), List.of(), () -> SyntheticAmd.NOW));
    }

    private static EvidenceBinding binding() {
        return new EvidenceBinding(REPORT_DATA, Optional.of(INIT_DATA));
    }

    private void refused(String message) throws Exception {
        JsonValue evidence = evidence();
        assertThatThrownBy(() -> verifier().verify(evidence, binding()))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining(message);
    }

    @Test
    void verify_goodEvidence_givesTrusteesClaims() throws Exception {
        VerifiedEvidence verified = verifier().verify(evidence(), binding());
        assertThat(verifier().tee()).isEqualTo(Tee.AZ_SNP_VTPM);
        assertThat(verified.deviceClass()).isEqualTo("cpu");
        assertThat(verified.reportData()).isEqualTo("07".repeat(48));
        assertThat(JsonWriter.compact(verified.claims()))
                .startsWith("{\"policy_abi_major\":\"1\",\"policy_abi_minor\":\"31\",\"policy_smt_allowed\":\"true\","
                        + "\"policy_migrate_ma\":\"false\",\"policy_debug_allowed\":\"false\","
                        + "\"policy_single_socket\":\"false\",\"reported_tcb_bootloader\":\"2\","
                        + "\"reported_tcb_tee\":\"3\",\"reported_tcb_snp\":\"4\","
                        + "\"reported_tcb_microcode\":\"217\",\"platform_tsme_enabled\":\"false\","
                        + "\"platform_smt_enabled\":\"true\",\"measurement\":\"" + "paWl".repeat(16)
                        + "\",\"tpm\":{\"pcr00\":\"" + "00".repeat(32) + "\"");
        assertThat(verified.claims().get("tpm"))
                .get()
                .extracting(tpm -> ((JsonObject) tpm).get("pcr08"))
                .isEqualTo(Optional.of(new JsonString(verified.initData().orElseThrow())));
    }

    @Test
    void verify_withoutInitData_looksAtNoRegister() throws Exception {
        quote = new TestQuote(REPORT_DATA);
        assertThat(verifier()
                        .verify(evidence(), EvidenceBinding.of(REPORT_DATA))
                        .initData())
                .contains("08".repeat(32));
    }

    @Test
    void verify_reportThatIsNotGenuine_isRefused() throws Exception {
        privilegeLevel = 2;
        refused("SNP report: privilege level 2, expected 0");
    }

    @Test
    void verify_foreignVcek_isRefused() throws Exception {
        JsonValue evidence = evidence();
        SyntheticAmd other = SyntheticAmd.forged(SnpProduct.MILAN);
        assertThatThrownBy(() -> new AzSnpVtpmVerifier(
                                new SnpReportVerifier(other.roots(), List.of(), () -> SyntheticAmd.NOW))
                        .verify(evidence, binding()))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP certificates: the VCEK is not signed by the ASK of Milan");
    }

    @Test
    void verify_variableDataOfAnotherReport_isRefused() throws Exception {
        hardwareReportData[0] ^= 1;
        refused("HCL report: its variable data is not what the hardware's report is bound to");
    }

    /** Another key in the variable data makes another hash. */
    @Test
    void verify_keyThatTheHardwareDoesNotKnow_isRefused() throws Exception {
        hcl = new TestHcl((RSAPublicKey) otherAk.getPublic(), REPORT_DATA);
        quoteKey = otherAk;
        refused("HCL report: its variable data is not what the hardware's report is bound to");
    }

    @Test
    void verify_quoteOfAnotherKey_isRefused() throws Exception {
        quoteKey = otherAk;
        refused("TPM quote: it is not signed by the attestation key");
    }

    @Test
    void verify_quoteForAnotherChallenge_isRefused() throws Exception {
        quote.nonce = new byte[48];
        refused("TPM quote: the qualifying data is not that of this nonce and key");
        quote.nonce = Arrays.copyOf(REPORT_DATA, 64);
        refused("TPM quote: the qualifying data is not that of this nonce and key");
    }

    @Test
    void verify_hardwareReportFromAnotherChallenge_isRefused() throws Exception {
        hcl = new TestHcl((RSAPublicKey) akKey.getPublic(), new byte[48]);
        hardwareReportData = hcl.variableDataHash();
        refused("HCL report: its user data is not that of this nonce and key");
    }

    @Test
    void verify_otherInitData_isRefused() throws Exception {
        quote = new TestQuote(REPORT_DATA).extendedBy(new byte[32]);
        refused("TPM quote: register 8 is not extended by the initdata's digest");
    }

    @Test
    void verify_reportOfOtherHardware_isRefused() throws Exception {
        hcl.type = 4;
        refused("HCL report: a report of TDX, expected SNP");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3})
    void verify_otherVersion_isRefused(long other) throws Exception {
        version = other;
        refused("$.tee-evidence.primary_evidence.version: got " + other + ", expected an integer from 2 to 2");
    }

    @Test
    void verify_hardwareReportThatIsNone_isRefused() throws Exception {
        String json = JsonWriter.compact(evidence());
        String empty = Base64.getUrlEncoder().encodeToString(hcl.bytes(new byte[1184]));
        String bad = json.replaceFirst("\"hcl_report\":\"[^\"]*\"", "\"hcl_report\":\"" + empty + "\"");
        assertThatThrownBy(() -> verifier().verify(JsonCursor.parse(bad).value(), binding()))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("Azure SNP evidence: SNP report: version 0, expected 2 to 5");
    }

    @Test
    void verify_largeVcek_isRefused() throws Exception {
        String json = JsonWriter.compact(evidence());
        String large = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[16385]);
        String bad = json.replaceFirst("\"vcek\":\"[^\"]*\"", "\"vcek\":\"" + large + "\"");
        assertThatThrownBy(() -> verifier().verify(JsonCursor.parse(bad).value(), binding()))
                .isInstanceOf(EvidenceException.class)
                .hasMessageEndingWith("vcek: got 16385 bytes, expected at most 16384");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "null", "{\"version\":2}", "{\"quote\":{},\"report\":[],\"vcek\":\"\"}"})
    void verify_evidenceOfAnotherShape_isRefused(String json) {
        assertThatThrownBy(() -> verifier().verify(JsonCursor.parse(json).value(), binding()))
                .isInstanceOf(EvidenceException.class)
                .hasMessageStartingWith("Azure SNP evidence: $.tee-evidence.primary_evidence");
    }
}
