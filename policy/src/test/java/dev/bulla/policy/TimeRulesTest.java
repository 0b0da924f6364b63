package dev.bulla.policy;

import static dev.bulla.policy.Judging.MANIFEST;
import static dev.bulla.policy.Judging.NAME;
import static dev.bulla.policy.Judging.NO_RESOURCES;
import static dev.bulla.policy.Judging.image;
import static dev.bulla.policy.Judging.lenient;
import static dev.bulla.policy.Judging.malformedSection;
import static dev.bulla.policy.Judging.signatures;
import static dev.bulla.policy.PolicyText.policy;
import static dev.bulla.policy.PolicyText.sigstoreSigned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.time.TrustedTime;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TimeRulesTest {
    private static final Instant ISSUED = Instant.parse("2026-05-01T00:00:00Z");
    private static final String ISSUED_AT = "'issuedAt':'2026-05-01T00:00:00Z'";

    private SigningKey key = new SigningKey(new java.security.KeyPair(null, null), "none");
    private SigningKey other = key;

    @BeforeAll
    void makeKeys() throws Exception {
        key = SigningKey.ec("secp256r1");
        other = SigningKey.ec("secp256r1");
    }

    private static void judge(PolicyEvaluator evaluator) throws Exception {
        evaluator.evaluate(image(), SignatureSource.NONE).afterKeys(List.of());
    }

    // Who raises the floor.

    @Test
    void issuedAt_imagePassedUnderATrustedPolicy_raisesTheFloor() throws Exception {
        TrustedTime time = Clocks.at(Instant.EPOCH);
        judge(new PolicyEvaluator(policy(lenient(ISSUED_AT)), NO_RESOURCES, time).raisingFloor());
        assertThat(time.floor()).isEqualTo(ISSUED);
    }

    @Test
    void issuedAt_policyFromAnywhere_raisesNothing() throws Exception {
        TrustedTime time = Clocks.at(Instant.EPOCH);
        judge(new PolicyEvaluator(policy(lenient(ISSUED_AT)), NO_RESOURCES, time));
        assertThat(time.floor()).isEqualTo(Clocks.BUILD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'default':[{'type':'reject'}],'bulla':{'version':1,'issuedAt':'2026-05-01T00:00:00Z'}}",
                "{'default':[{'type':'insecureAcceptAnything'}],'bulla':{'version':1,'issuedAt':'2026-05-01T00:00:00Z'}}"
            })
    void issuedAt_imageRefused_raisesNothing(String text) throws Exception {
        TrustedTime time = Clocks.at(Instant.EPOCH);
        PolicyEvaluator evaluator = new PolicyEvaluator(policy(text), NO_RESOURCES, time).raisingFloor();
        assertThatExceptionOfType(PolicyRejectedException.class).isThrownBy(() -> judge(evaluator));
        assertThat(time.floor()).isEqualTo(Clocks.BUILD);
    }

    @Test
    void issuedAt_tenYearsAfterTheBuild_refused() throws Exception {
        TrustedTime time = Clocks.now();
        PolicyEvaluator evaluator = new PolicyEvaluator(
                        policy(lenient("'issuedAt':'2036-01-03T00:00:00Z'")), NO_RESOURCES, time)
                .raisingFloor();
        assertThatExceptionOfType(PolicyException.class)
                .isThrownBy(() -> judge(evaluator))
                .withMessageContaining(
                        "policy \"test\": the time 2036-01-03T00:00:00Z of the policy's issuedAt lies more than");
        assertThat(time.floor()).isEqualTo(Clocks.BUILD);
    }

    private static RequirementDecision signedAt(Instant... instants) {
        Set<Signer> signers = new LinkedHashSet<>();
        for (Instant instant : instants) {
            signers.add(new Signer("id " + instant, Set.of(), "signed", Optional.of(instant)));
        }
        return new RequirementDecision(
                "sigstoreSigned", true, RequirementOutcome.ALLOW, "signed", List.of(), List.copyOf(signers), List.of());
    }

    @Test
    void signedAt_verifiedTimes_raiseToTheLatestThatCanBe() throws Exception {
        TrustedTime time = Clocks.at(Instant.EPOCH);
        PolicyEvaluator evaluator = new PolicyEvaluator(policy(lenient(ISSUED_AT)), NO_RESOURCES, time).raisingFloor();
        Instant signed = Instant.parse("2026-07-01T00:00:00Z");
        RequirementDecision within = signedAt(signed, Instant.parse("2050-01-01T00:00:00Z"));
        evaluator.raiseFloor(List.of(new RequirementDecision(
                "anyOf", true, RequirementOutcome.ALLOW, "met", List.of(), List.of(), List.of(within))));
        assertThat(time.floor()).isEqualTo(signed);
    }

    @Test
    void signedAt_ofWhatIsNotMet_raisesNothing() throws Exception {
        TrustedTime time = Clocks.at(Instant.EPOCH);
        PolicyEvaluator evaluator = new PolicyEvaluator(
                        policy(lenient("'minimumVersions':{'x.example':'1'}")), NO_RESOURCES, time)
                .raisingFloor();
        RequirementDecision unmet = new RequirementDecision(
                "atLeast", true, RequirementOutcome.DENY, "not met", List.of(), List.of(), List.of(signedAt(ISSUED)));
        evaluator.raiseFloor(List.of(new RequirementDecision(
                "anyOf", true, RequirementOutcome.ALLOW, "met", List.of(), List.of(), List.of(unmet))));
        assertThat(time.floor()).isEqualTo(Clocks.BUILD);
    }

    @Test
    void floor_imageThatSaysWhenItWasMade_staysWhereItIs() throws Exception {
        TrustedTime time = Clocks.at(Instant.EPOCH);
        PolicySubject image =
                Subjects.annotated(image(), Map.of("org.opencontainers.image.created", "2030-01-01T00:00:00Z"));
        new PolicyEvaluator(
                        policy("{'default':[{'type':'expectedDigest','digests':['" + MANIFEST + "']}]}"),
                        NO_RESOURCES,
                        time)
                .raisingFloor()
                .evaluate(image, SignatureSource.NONE);
        assertThat(time.floor()).isEqualTo(Clocks.BUILD);
    }

    // Whose clock.

    @Test
    void hostClockExpiry_refuse_hostClockCounts() throws Exception {
        TrustedTime time = Clocks.at(Instant.parse("2100-01-01T00:00:00Z"));
        for (Policy policy :
                List.of(policy(lenient(ISSUED_AT)), policy(lenient("'time':{'hostClockExpiry':'refuse'}")))) {
            assertThat(policy.time().view(time).now()).isEqualTo(Instant.parse("2100-01-01T00:00:00Z"));
        }
    }

    @Test
    void hostClockExpiry_ignore_onlyTheFloorCounts() throws Exception {
        TrustedTime time = Clocks.at(Instant.parse("2100-01-01T00:00:00Z"));
        TrustedTime view =
                policy(lenient("'time':{'hostClockExpiry':'ignore'}")).time().view(time);
        assertThat(view.now()).isEqualTo(Clocks.BUILD);
        time.raise(ISSUED, "a witness");
        assertThat(view.now()).isEqualTo(ISSUED);
    }

    @Test
    void issuedAt_firstImage_isJudgedByIt() throws Exception {
        TrustedTime early = Clocks.at(Instant.EPOCH);
        assertThat(policy(lenient(ISSUED_AT)).time().view(early).now()).isEqualTo(ISSUED);
        // Else nothing that began after the build could ever pass, and so raise the floor.
        String floorOnly = ISSUED_AT + ",'time':{'hostClockExpiry':'ignore'}";
        TrustedTime late = Clocks.at(Instant.parse("2100-01-01T00:00:00Z"));
        assertThat(policy(lenient(floorOnly)).time().view(late).now()).isEqualTo(ISSUED);
        assertThat(late.floor()).isEqualTo(Clocks.BUILD);
    }

    /** What a decision comes to, whole, when the host says that it is then. */
    private static String decided(String text, PolicySubject image, SignatureSource signatures, String hostClock)
            throws Exception {
        PolicyEvaluator evaluator =
                new PolicyEvaluator(policy(text), NO_RESOURCES, Clocks.at(Instant.parse(hostClock))).raisingFloor();
        try {
            return JsonWriter.compact(
                    evaluator.evaluate(image, signatures).afterKeys(List.of()).toJson());
        } catch (PolicyRejectedException e) {
            return JsonWriter.compact(e.decision().toJson());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "2026-11-01T00:00:00Z", "2100-01-01T00:00:00Z"})
    void decision_whateverTheHostsClock_theSame(String hostClock) throws Exception {
        String exact = "{'type':'matchExact'}";
        String either = "{'type':'anyOf','requirements':[" + sigstoreSigned(other, exact) + ","
                + sigstoreSigned(key, exact) + "]}";
        String both = "{'type':'atLeast','count':2,'requirements':[" + sigstoreSigned(key, exact) + ","
                + sigstoreSigned(other, exact) + "]}";
        PolicySubject image = Subjects.annotated(image(), Map.of(MinimumVersions.ANNOTATION, "1.4"));
        SignatureSource signatures = signatures(key.attachment(MANIFEST, NAME));
        Map<String, String> policies = Map.of(
                "{'default':[" + either + "]}",
                "accept",
                "{'default':[" + both + "]}",
                "reject",
                "{'default':[" + either + "],'bulla':{'version':1," + ISSUED_AT
                        + ",'minimumVersions':{'registry.example':'1.4'}}}",
                "accept",
                "{'default':[" + either + "],'bulla':{'version':1,'time':{'hostClockExpiry':'ignore'},"
                        + "'minimumVersions':{'registry.example':'1.5'}}}",
                "reject",
                "{'default':[" + either + "],'bulla':{'version':1,'revoked':{'listVersion':1,'digests':['" + MANIFEST
                        + "']}}}",
                "reject",
                lenient(ISSUED_AT),
                "accept");
        for (Map.Entry<String, String> expected : policies.entrySet()) {
            String decided = decided(expected.getKey(), image, signatures, hostClock);
            assertThat(decided).startsWith("{\"decision\":\"" + expected.getValue() + "\"");
            assertThat(decided).isEqualTo(decided(expected.getKey(), image, signatures, "2026-11-01T00:00:00Z"));
        }
    }

    // The grammar.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'issuedAt':'2026-05-01'",
                "'issuedAt':'2026-05-01T00:00:00'",
                "'issuedAt':'2026-05-01T00:00:00+01:00'",
                "'issuedAt':'2026-02-30T00:00:00Z'",
                "'issuedAt':'+12026-05-01T00:00:00Z'",
                "'issuedAt':''",
                "'issuedAt':1777593600",
                "'issuedAt':null",
                "'time':{}",
                "'time':'refuse'",
                "'time':{'hostClockExpiry':'warn'}",
                "'time':{'hostClockExpiry':false}",
                "'time':{'hostClockExpiry':'refuse','floor':'x'}"
            })
    void parse_malformed_refused(String section) {
        assertThat(malformedSection(section)).contains("$.bulla");
    }

    @Test
    void parse_issuedAtWithFractions_taken() throws Exception {
        assertThat(policy(lenient("'issuedAt':'2026-05-01T00:00:00.123456789Z'"))
                        .time()
                        .issuedAt())
                .contains(Instant.parse("2026-05-01T00:00:00.123456789Z"));
    }
}
