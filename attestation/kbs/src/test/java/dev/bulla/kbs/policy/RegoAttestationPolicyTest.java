package dev.bulla.kbs.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.EarStatus;
import dev.bulla.oci.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegoAttestationPolicyTest {
    private static final InstantSource TIME = InstantSource.fixed(Instant.EPOCH);
    private static final String V1 = "package policy\nimport rego.v1\n";
    private static final JsonObject EVIDENCE = Tokens.object("{\"snp\": {\"measurement\": \"ab\"}}");

    private static Appraisal appraise(String text, ReferenceValues values) throws PolicyException {
        return RegoAttestationPolicy.parse(V1 + text, TIME).appraise(EVIDENCE, values);
    }

    @Test
    void appraise_referenceValue_decides() throws Exception {
        String text = """
                default executables := 33
                executables := 3 if input.snp.measurement in query_reference_value("measurement")
                trust_claims := {"executables": executables, "hardware": 2}
                """;
        ReferenceValues values = new ReferenceValues();
        assertThat(appraise(text, values).vector()).isEqualTo(new TrustworthinessVector(0, 0, 33, 0, 2, 0, 0, 0));
        values.register("measurement", Tokens.json("[\"cd\", \"ab\"]"));
        Appraisal appraisal = appraise(text, values);
        assertThat(appraisal.vector()).isEqualTo(new TrustworthinessVector(0, 0, 3, 0, 2, 0, 0, 0));
        assertThat(appraisal.vector().status()).isEqualTo(EarStatus.AFFIRMING);
        assertThat(appraisal.extensions()).isEmpty();
    }

    @Test
    void appraise_claimsAtTheirLimits_areTaken() throws Exception {
        assertThat(appraise("trust_claims := {\"hardware\": -128, \"configuration\": 127}", new ReferenceValues())
                        .vector())
                .isEqualTo(new TrustworthinessVector(0, 127, 0, 0, -128, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
            other := 1 ~ trust_claims is undefined
            trust_claims := 1 ~ trust_claims: got a number, expected an object
            trust_claims := {} ~ trust_claims: no claim is set
            trust_claims := {"hardwear": 2} ~ trust_claims: unknown key "hardwear"
            trust_claims := {"Hardware": 2} ~ trust_claims: unknown key "Hardware"
            trust_claims := {"hardware": "2"} ~ trust_claims.hardware: got a string, expected an integer
            trust_claims := {"hardware": 2.5} ~ trust_claims.hardware: got a number, expected an integer
            trust_claims := {"hardware": 128} ~ trust_claims.hardware: got 128, expected an integer from -128 to 127
            trust_claims := {"hardware": -129} ~ trust_claims.hardware: got -129, expected an integer from -128 to 127
            trust_claims := {"hardware": 1 / 0} ~ line 3, column 32: a division by zero
            trust_claims := {"hardware": query_reference_value(1)} ~ line 3, column 30: argument 1 is no string
            """)
    void appraise_claimsAreWrong_isRefused(String text, String message) throws Exception {
        RegoAttestationPolicy policy = RegoAttestationPolicy.parse(V1 + text, TIME);
        assertThatThrownBy(() -> policy.appraise(EVIDENCE, new ReferenceValues()))
                .isInstanceOf(PolicyException.class)
                .hasMessage("policy " + policy.name() + ": " + message);
    }

    @Test
    void appraise_extensions_areGiven() throws Exception {
        String text = """
                trust_claims := {"hardware": 2}
                extensions := [{"name": "ear.x", "key": -18, "value": {"m": input.snp.measurement}}]
                """;
        assertThat(appraise(text, new ReferenceValues()).extensions())
                .containsExactly(new Appraisal.Extension("ear.x", -18, Tokens.json("{\"m\": \"ab\"}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '\u0001', textBlock = """
            {"name": "a"} ~ extensions: got an object, expected an array
            [{"name": "a", "key": 1}] ~ extensions[0]: "value" is missing
            [{"name": "a", "key": 1, "value": 1, "more": 1}] ~ extensions[0]: unknown key "more"
            [{"name": 1, "key": 1, "value": 1}] ~ extensions[0].name: got a number, expected a string
            [{"name": "a", "key": 2147483648, "value": 1}] ~ extensions[0].key: got 2147483648, expected an integer from -2147483648 to 2147483647
            [{"name": "ear.status", "key": 1, "value": "affirming"}] ~ extensions: "ear.status" is there already
            [{"name": "a", "key": 1, "value": 1}, {"name": "a", "key": 2, "value": 2}] ~ extensions: "a" is there already
            """)
    void appraise_extensionsAreWrong_isRefused(String extensions, String message) throws Exception {
        RegoAttestationPolicy policy = RegoAttestationPolicy.parse(
                V1 + "trust_claims := {\"hardware\": 2}\nextensions := " + extensions, TIME);
        assertThatThrownBy(() -> policy.appraise(EVIDENCE, new ReferenceValues()))
                .isInstanceOf(PolicyException.class)
                .hasMessage("policy " + policy.name() + ": " + message);
    }
}
