package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The golden vectors of the KBS reference, §2. */
class ReportDataTest {
    private static final String NONCE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    @Test
    void digest_attestationServiceVector_matches() throws Exception {
        byte[] canonical = JsonWriter.canonical(
                JsonCursor.parse("{\"b\":1,\"a\":\"test\",\"c\":{\"d\":\"e\"}}").value());
        assertThat(HexFormat.of().formatHex(HashAlgorithm.SHA384.digest(canonical)))
                .startsWith("e71ce8e7")
                .endsWith("78870c3");
    }

    @Test
    void ofPrimary_goldenVector_matches() throws Exception {
        byte[] digest = ReportData.ofPrimary(HashAlgorithm.SHA384, new RuntimeData(NONCE, TestKeys.rfc7517()), "");
        assertThat(HexFormat.of().formatHex(digest))
                .isEqualTo("8a6244441b1b1171b3a1d56a693d4ce116c1f9ca1ae558bc5f59d46dada54cf4"
                        + "9e92a361ab2472c434652fed5887f16d");
        assertThat(Base64.getEncoder().encodeToString(digest))
                .isEqualTo("imJERBsbEXGzodVqaT1M4RbB+coa5Vi8X1nUba2lTPSekqNhqyRyxDRlL+1Yh/Ft");
    }

    @Test
    void ofDevice_goldenVector_matches() throws Exception {
        byte[] digest = ReportData.ofDevice(HashAlgorithm.SHA384, new RuntimeData(NONCE, TestKeys.rfc7517()));
        assertThat(HexFormat.of().formatHex(digest))
                .isEqualTo("90df2d9286ca24c8a886cb47e5ca7eb5f81250b2bf3cae2adb51d1978b49690a"
                        + "b9d4efe1c17385028f91f83d3fef0193");
    }

    @Test
    void ofPrimary_eachHash_hasItsLength() throws Exception {
        RuntimeData runtimeData = new RuntimeData(NONCE, TestKeys.rfc7517());
        assertThat(ReportData.ofPrimary(HashAlgorithm.SHA256, runtimeData, "")).hasSize(32);
        assertThat(ReportData.ofPrimary(HashAlgorithm.SHA512, runtimeData, "")).hasSize(64);
    }

    @Test
    void ofPrimary_additionalEvidence_isCovered() throws Exception {
        RuntimeData runtimeData = new RuntimeData(NONCE, TestKeys.rfc7517());
        assertThat(ReportData.ofPrimary(HashAlgorithm.SHA384, runtimeData, "{}"))
                .isNotEqualTo(ReportData.ofPrimary(HashAlgorithm.SHA384, runtimeData, ""));
    }
}
