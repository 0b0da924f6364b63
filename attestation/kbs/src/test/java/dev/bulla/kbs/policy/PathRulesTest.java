package dev.bulla.kbs.policy;

import static dev.bulla.kbs.policy.Tokens.appraisal;
import static dev.bulla.kbs.policy.Tokens.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonString;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathRulesTest {
    private static final String SNP = "{\"cpu0\": " + appraisal("affirming", "snp") + "}";

    private static boolean allows(PathRules rules, String submods, String path) {
        return rules.denial(request(submods, "resource", List.of(path.split("/", -1))))
                .isEmpty();
    }

    @Test
    void denial_prefix_isOfWholeSegments() {
        PathRules rules = PathRules.named("p")
                .path("a/keys/*")
                .release()
                .path("b/c/d")
                .release()
                .build();
        assertThat(allows(rules, SNP, "a/keys/1")).isTrue();
        assertThat(allows(rules, SNP, "b/c/d")).isTrue();
        assertThat(allows(rules, SNP, "b/c/e")).isFalse();
        assertThat(allows(rules, SNP, "a/keys2/1")).isFalse();
        assertThat(allows(rules, SNP, "a/keys")).isFalse();
        assertThat(rules.denial(request(SNP, "resource", List.of("z", "y", "x"))))
                .contains("policy p has no rule for the path");
    }

    @Test
    void denial_firstRule_decides() {
        PathRules rules = PathRules.named("p")
                .path("a/b/*")
                .tee(Tee.TDX)
                .release()
                .path("*")
                .release()
                .build();
        assertThat(allows(rules, SNP, "a/b/c")).isFalse();
        assertThat(allows(rules, SNP, "a/c/c")).isTrue();
    }

    @Test
    void denial_tier_isAffirmingUnlessWarningsAreAccepted() {
        PathRules strict = PathRules.named("p").path("*").release().build();
        PathRules lax =
                PathRules.named("p").path("*").acceptingWarnings().release().build();
        for (String status : List.of("none", "warning", "contraindicated")) {
            String submods = "{\"cpu0\": " + appraisal(status, "snp") + "}";
            assertThat(allows(strict, submods, "a/b/c")).as(status).isFalse();
            assertThat(allows(lax, submods, "a/b/c")).as(status).isEqualTo(status.equals("warning"));
        }
        String withDevice =
                "{\"cpu0\": " + appraisal("affirming", "snp") + ", \"gpu0\": " + appraisal("warning", "nvidia") + "}";
        assertThat(allows(strict, withDevice, "a/b/c")).isFalse();
        assertThat(allows(lax, withDevice, "a/b/c")).isTrue();
        assertThat(allows(lax, "{}", "a/b/c")).isFalse();
    }

    @Test
    void denial_tee_isThatOfCpu0() {
        PathRules rules =
                PathRules.named("p").path("*").tee(Tee.SNP, Tee.TDX).release().build();
        assertThat(allows(rules, SNP, "a/b/c")).isTrue();
        assertThat(rules.denial(request("{\"cpu0\": " + appraisal("affirming", "sample") + "}")))
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("policy p denies, the TEE is none of "));
        assertThat(allows(rules, "{\"cpu1\": " + appraisal("affirming", "snp") + "}", "a/b/c"))
                .isFalse();
        String both = "{\"cpu0\": {\"ear.status\": \"affirming\", \"ear.veraison.annotated-evidence\":"
                + " {\"snp\": {}, \"sample\": {}}}}";
        assertThat(allows(rules, both, "a/b/c")).isFalse();
    }

    @Test
    void denial_claim_mustEqual() {
        List<String> claim = List.of("submods", "cpu0", "ear.veraison.annotated-evidence", "snp", "svn");
        assertThat(allows(
                        PathRules.named("p")
                                .path("*")
                                .claim(claim, new JsonString("1"))
                                .release()
                                .build(),
                        SNP,
                        "a/b/c"))
                .isTrue();
        assertThat(PathRules.named("p")
                        .path("*")
                        .claim(claim, new JsonString("2"))
                        .release()
                        .build()
                        .denial(request(SNP)))
                .contains("policy p denies, claim \"submods/cpu0/ear.veraison.annotated-evidence/snp/svn\" is another");
        assertThat(allows(
                        PathRules.named("p")
                                .path("*")
                                .claim(List.of("absent"), new JsonString("2"))
                                .release()
                                .build(),
                        SNP,
                        "a/b/c"))
                .isFalse();
    }

    /** A guest writes numbers too, into its initdata; some are beyond what can be computed with. */
    @Test
    void denial_claimWithAnEndlessExponent_denies() {
        List<String> claim = List.of("submods", "cpu0", "n");
        PathRules rules = PathRules.named("numbers")
                .path("*")
                .claim(claim, new JsonNumber("1"))
                .release()
                .build();
        String submods = "{\"cpu0\": {\"ear.status\": \"affirming\", \"n\": NUMBER}}";
        assertThat(rules.denial(Tokens.request(submods.replace("NUMBER", "1.0"))))
                .isEmpty();
        assertThat(rules.denial(Tokens.request(submods.replace("NUMBER", "1e9999999999"))))
                .isPresent();
    }

    @Test
    void denial_otherPlugin_isDenied() {
        PathRules rules = PathRules.named("p").path("*").release().build();
        assertThat(rules.denial(request(SNP, "pkcs11", Tokens.PATH)))
                .contains("policy p denies other plugins than resource");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/*", "a//b", "a/*/b", "a/b*", "/a", "a/", "**", "a/**"})
    void path_malformed_isRefused(String path) {
        assertThatThrownBy(() -> PathRules.named("p").path(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("path ");
    }
}
