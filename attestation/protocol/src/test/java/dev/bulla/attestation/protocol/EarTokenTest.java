package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.json.JsonCursor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EarTokenTest {

    @Test
    void of_trusteesExample_isRead() throws Exception {
        Path example = Path.of(System.getProperty("bulla.conformance", ""), "attestation", "example.token.json");
        assumeTrue(Files.exists(example), "conformance data is missing: attestation/example.token.json");
        EarToken token = EarToken.of(
                JsonCursor.parse(Files.readAllBytes(example)).object().value());
        assertThat(token.issuedAt()).isEqualTo(Instant.ofEpochSecond(1_760_426_134L));
        assertThat(token.expiresAt()).isEqualTo(Instant.ofEpochSecond(1_760_426_434L));
        assertThat(token.statuses()).isEqualTo(Map.of("cpu0", EarStatus.CONTRAINDICATED));
        assertThat(token.teePublicKey()).isEmpty();
        assertThat(token.toString()).doesNotContain("sgx");
    }

    @Test
    void of_keyInCpu_isRead() throws Exception {
        EarToken token = read("{\"iat\":1,\"exp\":2,\"submods\":{\"cpu0\":{\"ear.status\":\"affirming\","
                + "\"ear.veraison.annotated-evidence\":{\"runtime_data_claims\":{\"tee-pubkey\":"
                + TestKeys.RFC_7517_P256 + "}}},\"gpu0\":{\"ear.status\":\"none\"}}}");
        assertThat(token.teePublicKey()).contains(TestKeys.rfc7517());
        assertThat(token.statuses()).containsEntry("gpu0", EarStatus.NONE);
    }

    @Test
    void of_malformed_refused() {
        refused("{\"exp\":2}", "\"iat\" is missing");
        refused("{\"iat\":1}", "\"exp\" is missing");
        refused("{\"iat\":1,\"exp\":2.5}", "$.exp");
        refused("{\"iat\":1,\"exp\":-2}", "$.exp");
        refused("{\"iat\":1,\"exp\":2,\"submods\":[]}", "$.submods");
        refused("{\"iat\":1,\"exp\":2,\"submods\":{\"cpu0\":{}}}", "ear.status");
        refused("{\"iat\":1,\"exp\":2,\"submods\":{\"cpu0\":{\"ear.status\":\"Affirming\"}}}", "EAR status");
    }

    /** The tiers' bounds, as rust-ear has them. */
    @ParameterizedTest
    @CsvSource({
        "0,NONE",
        "1,NONE",
        "-1,NONE",
        "2,AFFIRMING",
        "-2,AFFIRMING",
        "31,AFFIRMING",
        "-32,AFFIRMING",
        "32,WARNING",
        "-33,WARNING",
        "95,WARNING",
        "-96,WARNING",
        "96,CONTRAINDICATED",
        "-97,CONTRAINDICATED",
        "127,CONTRAINDICATED"
    })
    void status_ofClaim_isItsTier(int value, EarStatus tier) {
        assertThat(EarStatus.ofClaim(value)).isEqualTo(tier);
    }

    private static EarToken read(String json) throws Exception {
        return EarToken.of(JsonCursor.parse(json).object().value());
    }

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining(message);
    }
}
