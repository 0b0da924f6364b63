package dev.bulla.kbs.evidence.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.tpm.TestHcl;
import dev.bulla.kbs.evidence.tpm.TestKeys;
import dev.bulla.kbs.evidence.tpm.TestQuote;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AzTdxVtpmVerifierTest {
    private static final SyntheticIntel INTEL = new SyntheticIntel();
    private static final byte[] REPORT_DATA = new byte[48];
    private static final byte[] INIT_DATA = new byte[32];

    static {
        Arrays.fill(REPORT_DATA, (byte) 7);
        Arrays.fill(INIT_DATA, (byte) 9);
    }

    private TestHcl hcl;
    private TestQuote tpmQuote;
    private SyntheticQuote tdQuote;
    private long version;

    AzTdxVtpmVerifierTest() throws Exception {
        orderGoodEvidence();
    }

    @BeforeEach
    final void orderGoodEvidence() throws Exception {
        hcl = new TestHcl((RSAPublicKey) TestKeys.AK.getPublic(), REPORT_DATA);
        hcl.type = 4;
        tpmQuote = new TestQuote(REPORT_DATA).extendedBy(INIT_DATA);
        tdQuote = new SyntheticQuote(INTEL).set(TdField.REPORT_DATA, Arrays.copyOf(hcl.variableDataHash(), 64));
        version = 2;
    }

    private JsonValue evidence() throws Exception {
        Base64.Encoder base64 = Base64.getUrlEncoder();
        return JsonCursor.parse(JsonWriter.compact(JsonObject.builder()
                        .put("version", version)
                        .put("tpm_quote", tpmQuote.azure(TestKeys.AK.getPrivate()))
                        .put("hcl_report", base64.encodeToString(hcl.bytes(new byte[1024])))
                        .put("td_quote", base64.encodeToString(tdQuote.build()))
                        .build()))
                .value();
    }

    private static VerifiedEvidence verify(JsonValue evidence) throws EvidenceException {
        AzTdxVtpmVerifier verifier =
                new AzTdxVtpmVerifier(InstantSource.fixed(SyntheticIntel.NOW), TdxCollateralSource.NONE, INTEL.root);
        assertThat(verifier.tee()).isEqualTo(Tee.AZ_TDX_VTPM);
        return verifier.verify(evidence, new EvidenceBinding(REPORT_DATA, Optional.of(INIT_DATA)));
    }

    private void refused(String message) throws Exception {
        JsonValue evidence = evidence();
        assertThatThrownBy(() -> verify(evidence))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining(message);
    }

    @Test
    void verify_goodEvidence_claimsTheQuoteAndTheRegisters() throws Exception {
        VerifiedEvidence verified = verify(evidence());
        assertThat(verified.deviceClass()).isEqualTo("cpu");
        assertThat(verified.reportData()).isEqualTo("07".repeat(48));
        JsonCursor.Members claims = new JsonCursor(verified.claims(), "$").object();
        assertThat(claims.required("tcb_status").string()).isEqualTo("Unknown");
        assertThat(claims.names()).contains("quote", "td_attributes").doesNotContain("uefi_event_logs");
        assertThat(claims.required("tpm").object().required("pcr08").value())
                .isEqualTo(new JsonString(verified.initData().orElseThrow()));
    }

    @Test
    void verify_variableDataThatTheQuoteDoesNotKnow_isRefused() throws Exception {
        hcl.variableData = hcl.variableData.replace("true", "false");
        refused("HCL report: its variable data is not what the hardware's report is bound to");
    }

    @Test
    void verify_reportOfAnotherHardware_isRefused() throws Exception {
        hcl.type = 2;
        refused("HCL report: a report of SNP, expected TDX");
    }

    @Test
    void verify_quoteOfAnotherRoot_isRefused() throws Exception {
        tdQuote = new SyntheticQuote(new SyntheticIntel())
                .set(TdField.REPORT_DATA, Arrays.copyOf(hcl.variableDataHash(), 64));
        refused("PCK chain");
    }

    @Test
    void verify_nonceOfAnotherChallenge_isRefused() throws Exception {
        byte[] other = REPORT_DATA.clone();
        other[0] ^= 1;
        tpmQuote = new TestQuote(other).extendedBy(INIT_DATA);
        refused("qualifying data");
    }

    @Test
    void verify_otherInitData_isRefused() throws Exception {
        tpmQuote = new TestQuote(REPORT_DATA).extendedBy(new byte[32]);
        refused("initdata");
    }

    @Test
    void verify_otherVersion_isRefused() throws Exception {
        version = 1;
        refused("version");
    }
}
