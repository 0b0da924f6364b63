package dev.bulla.kbs.policy;

import static dev.bulla.kbs.policy.Tokens.appraisal;
import static dev.bulla.kbs.policy.Tokens.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegoResourcePolicyTest {
    private static final InstantSource TIME = InstantSource.fixed(Instant.ofEpochSecond(1_000, 5));
    private static final String V1 = "package policy\nimport rego.v1\n";

    private static boolean allows(String text, ResourceRequest request) throws PolicyException {
        return RegoResourcePolicy.parse(text, TIME).denial(request).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            ALLOW_ALL, affirming, snp, resource, true
            ALLOW_ALL, contraindicated, sample, resource, true
            ALLOW_ALL, affirming, snp, other, false
            DENY_ALL, affirming, snp, resource, false
            AFFIRMING, affirming, sample, resource, true
            AFFIRMING, affirming, snp, other, true
            AFFIRMING, warning, snp, resource, false
            AFFIRMING, none, snp, resource, false
            AFFIRMING, contraindicated, snp, resource, false
            DEFAULT, affirming, sample, resource, false
            DEFAULT, affirming, snp, resource, true
            DEFAULT, contraindicated, snp, resource, true
            DEFAULT, affirming, snp, other, false
            """)
    void denial_shippedPolicy_isAsItsName(
            ShippedPolicies policy, String status, String tee, String plugin, boolean allowed) throws Exception {
        ResourceRequest request = request("{\"cpu0\": " + appraisal(status, tee) + "}", plugin, Tokens.PATH);
        assertThat(allows(policy.text(), request)).isEqualTo(allowed);
    }

    @Test
    void denial_shippedAffirming_looksAtEverySubmodule() throws Exception {
        String text = ShippedPolicies.AFFIRMING.text();
        String cpu = "\"cpu0\": " + appraisal("affirming", "snp");
        assertThat(allows(text, request("{" + cpu + ", \"gpu0\": " + appraisal("affirming", "sampledevice") + "}")))
                .isTrue();
        assertThat(allows(text, request("{" + cpu + ", \"gpu0\": " + appraisal("warning", "sampledevice") + "}")))
                .isFalse();
        assertThat(allows(text, request("{}"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "allow if { data.plugin == \"resource\"; data[\"resource-path\"] == [\"repository\", \"type\", \"tag\"] }",
                "allow if data.query.k == \"v\"",
                "allow if input.submods.cpu0[\"ear.veraison.annotated-evidence\"].snp.svn == \"1\"",
                "allow if input.exp - input.iat == 1",
                "allow if time.now_ns() == 1000000000005",
            })
    void denial_conditionHolds_isNone(String rule) throws Exception {
        assertThat(allows(V1 + rule, request("{\"cpu0\": " + appraisal("affirming", "snp") + "}")))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            allow := 1 ~ a value of kind number
            allow := "true" ~ a value of kind string
            allow := false ~ false
            allow if input.missing ~ undefined
            other := true ~ undefined
            allow(x) := true ~ undefined
            allow contains 1 ~ a value of kind array
            """)
    void denial_allowIsNotTrue_isDenied(String rule, String shown) throws Exception {
        RegoResourcePolicy policy = RegoResourcePolicy.parse(V1 + rule, TIME);
        assertThat(policy.denial(request("{}"))).contains("policy " + policy.name() + " denies: allow is " + shown);
    }

    @Test
    void denial_evaluationFails_throws() throws Exception {
        RegoResourcePolicy policy = RegoResourcePolicy.parse(V1 + "allow if not to_number(input.iss)", TIME);
        assertThat(policy.denial(request("{}"))).isEmpty(); // what is absent has no number
        RegoResourcePolicy failing = RegoResourcePolicy.parse(V1 + "allow if not to_number(data.plugin) > 3", TIME);
        assertThatThrownBy(() -> failing.denial(request("{}")))
                .isInstanceOf(PolicyException.class)
                .hasMessage("policy " + failing.name() + ": line 3, column 14: argument 1 is no number: \"resource\"");
    }

    @Test
    void name_ofAText_isItsDigest() throws Exception {
        assertThat(RegoResourcePolicy.parse("package policy", TIME).name())
                .isEqualTo("sha256:6edf4391f4f9c463ef83a260fe9cd862c0a6e734550c6637e1d4e5be5cfe6d30");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            package other ~ the policy is of package "other", expected "policy"
            package policy.sub ~ the policy is of package "policy.sub", expected "policy"
            package policy; allow := ~ the policy is not understood: line 1, column 15: got ";", expected a rule
            """)
    void parse_otherPackageOrMalformed_isRefused(String text, String message) {
        assertThatThrownBy(() -> RegoResourcePolicy.parse(text, TIME))
                .isInstanceOf(PolicyException.class)
                .hasMessage(message);
    }

    @Test
    void parse_referenceValuesAreAskedFor_isRefused() {
        // the function is there for attestation policies only, as in Trustee
        assertThatThrownBy(() -> RegoResourcePolicy.parse(V1 + "allow if query_reference_value(\"a\")", TIME))
                .hasMessageContaining("unknown function \"query_reference_value\"");
    }

    @Test
    void denial_pathsOfOtherLengths_areData() throws Exception {
        String text = V1 + "allow if count(data[\"resource-path\"]) == 2";
        assertThat(allows(text, request("{}", "external", List.of("a", "b")))).isTrue();
        assertThat(allows(text, request("{}"))).isFalse();
    }
}
