package dev.bulla.kbs.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TpmVerifierTest {
    private static final byte[] REPORT_DATA = new byte[48];
    private static final byte[] INIT_DATA = new byte[32];

    private static KeyPair key;

    @BeforeAll
    static void makeKey() throws Exception {
        Arrays.fill(REPORT_DATA, (byte) 7);
        Arrays.fill(INIT_DATA, (byte) 9);
        key = TestKeys.AK;
    }

    private static JsonValue evidence(String akPublic, TestQuote quote) throws Exception {
        byte[] signature =
                TestQuote.tpmt(TestQuote.RSASSA, TestQuote.SHA256, TestQuote.rsassa(quote.message(), key.getPrivate()));
        JsonObject evidence = JsonObject.builder()
                .put("ak_public", akPublic)
                .put("tpm_quote", quote.tpm(signature))
                .build();
        return JsonCursor.parse(JsonWriter.compact(evidence)).value();
    }

    private static String akPublic() {
        return Base64.getEncoder().encodeToString(key.getPublic().getEncoded());
    }

    private static TestQuote quote() {
        return new TestQuote(Arrays.copyOf(REPORT_DATA, 32));
    }

    @Test
    void verify_trustedKey_givesTrusteesClaims() throws Exception {
        TpmVerifier verifier = TpmVerifier.trusting(Set.of(key.getPublic()));
        VerifiedEvidence verified = verifier.verify(
                evidence(akPublic(), quote().extendedBy(INIT_DATA)),
                new EvidenceBinding(REPORT_DATA, Optional.of(INIT_DATA)));
        assertThat(verifier.tee()).isEqualTo(Tee.TPM);
        assertThat(verified.deviceClass()).isEqualTo("cpu");
        assertThat(verified.reportData()).isEqualTo("07".repeat(32));
        assertThat(verified.claims().members()).hasSize(25).containsEntry("ak_public", new JsonString(akPublic()));
        assertThat(verified.claims().get("pcr23")).contains(new JsonString("17".repeat(32)));
        assertThat(verified.claims().get("pcr08"))
                .contains(new JsonString(verified.initData().orElseThrow()));
    }

    @Test
    void verify_shortReportData_isFilledWithZeros() throws Exception {
        byte[] shorter = Arrays.copyOf(REPORT_DATA, 20);
        assertThat(TpmVerifier.trusting(Set.of(key.getPublic()))
                        .verify(
                                evidence(akPublic(), new TestQuote(Arrays.copyOf(shorter, 32))),
                                EvidenceBinding.of(shorter))
                        .reportData())
                .isEqualTo("07".repeat(20) + "00".repeat(12));
    }

    @Test
    void verify_otherKey_isRefusedUnlessPoliciesTrust() throws Exception {
        JsonValue evidence = evidence(akPublic(), quote());
        assertThatThrownBy(() -> TpmVerifier.trusting(
                                Set.of(TestQuote.ecKey("secp256r1").getPublic()))
                        .verify(evidence, EvidenceBinding.of(REPORT_DATA)))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM evidence: the attestation key is not one that is trusted");
        assertThat(TpmVerifier.insecureLettingPoliciesTrustKeys()
                        .verify(evidence, EvidenceBinding.of(REPORT_DATA))
                        .claims()
                        .get("ak_public"))
                .contains(new JsonString(akPublic()));
    }

    @Test
    void verify_otherReportData_isRefused() throws Exception {
        JsonValue evidence = evidence(akPublic(), quote());
        assertThatThrownBy(() -> TpmVerifier.trusting(Set.of(key.getPublic()))
                        .verify(evidence, EvidenceBinding.of(new byte[48])))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM quote: the qualifying data is not that of this nonce and key");
    }

    @Test
    void verify_otherInitData_isRefused() throws Exception {
        JsonValue evidence = evidence(akPublic(), quote().extendedBy(INIT_DATA));
        TpmVerifier verifier = TpmVerifier.trusting(Set.of(key.getPublic()));
        assertThatThrownBy(() -> verifier.verify(evidence, new EvidenceBinding(REPORT_DATA, Optional.of(new byte[32]))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage("TPM quote: register 8 is not extended by the initdata's digest");
        assertThatThrownBy(() -> verifier.verify(evidence, new EvidenceBinding(REPORT_DATA, Optional.of(new byte[48]))))
                .isInstanceOf(EvidenceException.class)
                .hasMessage(
                        "TPM quote: initdata with a digest of 48 bytes, expected 32, since register 8 is of SHA-256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "!", "MAA="})
    void verify_keyThatIsNone_isRefused(String akPublic) {
        assertThatThrownBy(() -> TpmVerifier.insecureLettingPoliciesTrustKeys()
                        .verify(evidence(akPublic, quote()), EvidenceBinding.of(REPORT_DATA)))
                .isInstanceOf(EvidenceException.class)
                .hasMessageStartingWith("TPM evidence: $.tee-evidence.primary_evidence.ak_public: expected");
    }

    /** Policies compare the key as text, so it must not have two. */
    @Test
    void verify_keyWithMoreBytes_isRefused() {
        byte[] encoded = key.getPublic().getEncoded();
        String longer = Base64.getEncoder().encodeToString(Arrays.copyOf(encoded, encoded.length + 1));
        assertThatThrownBy(() -> TpmVerifier.insecureLettingPoliciesTrustKeys()
                        .verify(evidence(longer, quote()), EvidenceBinding.of(REPORT_DATA)))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("expected a public key of RSA or EC in DER");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "{\"ak_public\":\"\",\"tpm_quote\":{},\"x\":0}"})
    void verify_evidenceOfAnotherShape_isRefused(String json) {
        assertThatThrownBy(() -> TpmVerifier.insecureLettingPoliciesTrustKeys()
                        .verify(JsonCursor.parse(json).value(), EvidenceBinding.of(REPORT_DATA)))
                .isInstanceOf(EvidenceException.class)
                .hasMessageStartingWith("TPM evidence: $.tee-evidence.primary_evidence");
    }
}
