package dev.bulla.kbs.evidence.snp;

import static dev.bulla.kbs.evidence.snp.SyntheticAmd.NOW;
import static dev.bulla.kbs.evidence.snp.SyntheticAmd.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpEvidence;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnpVerifierTest {
    private static SyntheticAmd amd;
    private static KeyPair key;

    @BeforeAll
    static void makeAuthorities() throws Exception {
        amd = new SyntheticAmd(SnpProduct.MILAN);
        key = SyntheticAmd.endorsementKey();
    }

    private static SnpVerifier verifier() {
        return new SnpVerifier(new SnpReportVerifier(amd.roots(), List.of(), () -> NOW));
    }

    private static byte[] filled(int size, int value) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** Evidence as it comes from the wire: through its text. */
    private static JsonValue evidence(byte[] reportData, byte[] hostData, Consumer<byte[]> change) throws Exception {
        byte[] report = TestReport.bytes(3, TestReport.MILAN, reportData, hostData);
        change.accept(report);
        SnpEvidence evidence = new SnpEvidence(
                SyntheticAmd.sign(report, key.getPrivate()),
                List.of(entry(SnpCertificate.VCEK, amd.vcek(key, report).sign())));
        return JsonCursor.parse(JsonWriter.compact(evidence.toJson())).value();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 48, 64})
    void verify_reportDataOfAnyHash_isThatFilledWithZeros(int size) throws Exception {
        byte[] reportData = filled(size, 7);
        VerifiedEvidence verified =
                verifier().verify(evidence(reportData, new byte[32], b -> {}), EvidenceBinding.of(reportData));
        assertThat(verified.deviceClass()).isEqualTo("cpu");
        assertThat(verified.reportData()).isEqualTo("07".repeat(size) + "00".repeat(64 - size));
        assertThat(verified.initData()).contains("00".repeat(32));
    }

    @Test
    void verify_claims_areTrusteesByNameAndType() throws Exception {
        VerifiedEvidence verified = verifier()
                .verify(
                        evidence(filled(48, 7), filled(32, 9), b -> b[0x0A] |= 0x08),
                        EvidenceBinding.of(filled(48, 7)));
        assertThat(verified.initData()).contains("09".repeat(32));
        StringBuilder chip = new StringBuilder();
        for (int i = 1; i <= 64; i++) {
            chip.append(HexFormat.of().toHexDigits((byte) i));
        }
        assertThat(JsonWriter.compact(verified.claims()))
                .isEqualTo("{\"policy_abi_major\":1,\"policy_abi_minor\":31,\"policy_smt_allowed\":true,"
                        + "\"policy_migrate_ma\":false,\"policy_debug_allowed\":true,\"policy_single_socket\":false,"
                        + "\"reported_tcb_bootloader\":2,\"reported_tcb_tee\":3,\"reported_tcb_snp\":4,"
                        + "\"reported_tcb_microcode\":217,\"platform_tsme_enabled\":false,"
                        + "\"platform_smt_enabled\":true,\"measurement\":\"" + "a5".repeat(48) + "\",\"chip_id\":\""
                        + chip + "\"}");
        assertThat(verifier().tee()).isEqualTo(Tee.SNP);
    }

    @Test
    void verify_otherReportData_isRefused() throws Exception {
        JsonValue evidence = evidence(filled(48, 7), new byte[32], b -> {});
        byte[] longer = Arrays.copyOf(filled(48, 7), 49);
        longer[48] = 1;
        for (byte[] other : List.of(filled(48, 8), filled(32, 7), longer)) {
            assertThatThrownBy(() -> verifier().verify(evidence, EvidenceBinding.of(other)))
                    .isInstanceOf(EvidenceException.class)
                    .hasMessage("SNP report: the report data is not that of this nonce and key");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 32, 48, 64})
    void verify_initDataDigest_isComparedCutOrFilled(int size) throws Exception {
        byte[] digest = filled(size, 9);
        JsonValue evidence = evidence(filled(48, 7), digest, b -> {});
        EvidenceBinding binding = new EvidenceBinding(filled(48, 7), Optional.of(digest));
        assertThat(verifier().verify(evidence, binding).initData())
                .contains("09".repeat(Math.min(size, 32)) + "00".repeat(32 - Math.min(size, 32)));
        digest[size == 64 ? 31 : size - 1 - Math.max(0, size - 32)] = 1;
        assertThatThrownBy(() -> verifier().verify(evidence, binding))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP report: the host data is not the initdata's digest");
    }

    @Test
    void verify_reportThatIsNotGenuine_isRefused() throws Exception {
        JsonValue evidence = evidence(filled(48, 7), new byte[32], b -> b[0x30] = 1);
        assertThatThrownBy(() -> verifier().verify(evidence, EvidenceBinding.of(filled(48, 7))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("SNP report: privilege level 1, expected 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "\"AAAA\"", "{\"attestation_report\":\"AAAA\",\"cert_chain\":null}", "null"})
    void verify_evidenceOfAnotherShape_isRefused(String json) {
        assertThatThrownBy(() -> verifier().verify(JsonCursor.parse(json).value(), EvidenceBinding.of(filled(48, 7))))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("$.tee-evidence.primary_evidence");
    }
}
