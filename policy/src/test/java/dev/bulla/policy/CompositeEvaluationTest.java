package dev.bulla.policy;

import static dev.bulla.policy.Judging.ANYTHING;
import static dev.bulla.policy.Judging.MANIFEST;
import static dev.bulla.policy.Judging.NAME;
import static dev.bulla.policy.Judging.accepted;
import static dev.bulla.policy.Judging.image;
import static dev.bulla.policy.Judging.malformed;
import static dev.bulla.policy.Judging.rejected;
import static dev.bulla.policy.Judging.signatures;
import static dev.bulla.policy.PolicyText.policy;
import static dev.bulla.policy.PolicyText.requiring;
import static dev.bulla.policy.PolicyText.sigstoreSigned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.signature.SigningKey;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompositeEvaluationTest {
    private static final String REJECT = "{'type':'reject'}";
    private static final String EXACT = "{'type':'matchExact'}";

    private SigningKey alice = new SigningKey(new java.security.KeyPair(null, null), "none");
    private SigningKey bob = alice;
    private SigningKey carol = alice;

    @BeforeAll
    void makeKeys() throws Exception {
        alice = SigningKey.ec("secp256r1");
        bob = SigningKey.ec("secp256r1");
        carol = SigningKey.ed25519();
    }

    private static String by(SigningKey key) {
        return sigstoreSigned(key, EXACT);
    }

    private static String id(SigningKey key) {
        return Digest.Algorithm.SHA256.of(key.pair().getPublic().getEncoded()).toString();
    }

    private static String byEither(SigningKey one, SigningKey other) {
        return "{'type':'sigstoreSigned','keyDatas':['" + one.keyData() + "','" + other.keyData()
                + "'],'signedIdentity':" + EXACT + "}";
    }

    private static String anyOf(String... requirements) {
        return "{'type':'anyOf','requirements':[" + String.join(",", requirements) + "]}";
    }

    private static String atLeast(int count, String... requirements) {
        return "{'type':'atLeast','count':" + count + ",'requirements':[" + String.join(",", requirements) + "]}";
    }

    private static SignatureSource signedBy(SigningKey... keys) throws Exception {
        StoredSignature[] all = new StoredSignature[keys.length];
        for (int i = 0; i < keys.length; i++) {
            all[i] = keys[i].attachment(MANIFEST, NAME);
        }
        return signatures(all);
    }

    private static String pinned() {
        return "{'type':'expectedDigest','digests':['" + MANIFEST + "']}";
    }

    /** The policy with plain unsigned images allowed, so that only the requirement decides. */
    private static Policy lenient(String requirement) throws Exception {
        return requiring(requirement).withMatrix(Matrix.of(Map.of(MatrixCell.UNENCRYPTED_UNSIGNED, true)));
    }

    private static MatrixCell cell(Decision decision) {
        return decision.matrix().orElseThrow().cell();
    }

    @Test
    void anyOf_secondIsMet_acceptedAsSigned() throws Exception {
        AcceptedDecision decision = accepted(requiring(anyOf(by(alice), by(bob), REJECT)), image(), signedBy(bob));
        assertThat(cell(decision)).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
        RequirementDecision anyOf = decision.requirements().getFirst();
        assertThat(anyOf.reason()).startsWith("requirement 2 of 3 is met, sigstoreSigned: signed by key ");
        assertThat(anyOf.signers()).hasSize(1);
        assertThat(anyOf.children())
                .extracting(RequirementDecision::outcome)
                .containsExactly(RequirementOutcome.DENY, RequirementOutcome.ALLOW);
    }

    @Test
    void anyOf_noneIsMet_refusedWithEach() throws Exception {
        RejectedDecision decision = rejected(requiring(anyOf(by(alice), REJECT)), image(), signedBy(bob));
        assertThat(decision.reason()).isEqualTo("anyOf: none of 2 requirements is met");
        assertThat(decision.requirements().getFirst().children())
                .extracting(RequirementDecision::type)
                .containsExactly("sigstoreSigned", "reject");
    }

    @Test
    void anyOf_onlyWhatProvesNothingIsMet_notSigned() throws Exception {
        assertThat(cell(rejected(requiring(anyOf(by(alice), ANYTHING)), image(), signedBy(bob))))
                .isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
    }

    @Test
    void anyOf_whatProvesNothingStandsFirst_signedAllTheSame() throws Exception {
        assertThat(cell(accepted(requiring(anyOf(ANYTHING, by(alice))), image(), signedBy(alice))))
                .isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void atLeast_twoKeysOfThree_accepted() throws Exception {
        AcceptedDecision decision =
                accepted(requiring(atLeast(2, by(alice), by(bob), by(carol))), image(), signedBy(carol, alice));
        assertThat(cell(decision)).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
        RequirementDecision atLeast = decision.requirements().getFirst();
        assertThat(atLeast.reason())
                .isEqualTo("2 of 3 requirements are met, each under a signer of its own, at least 2");
        assertThat(atLeast.signers()).hasSize(2);
        assertThat(atLeast.children()).hasSize(3);
    }

    @Test
    void atLeast_oneKeyTwice_countsOnce() throws Exception {
        Policy policy = requiring(atLeast(2, by(alice), by(alice)));
        assertThat(rejected(policy, image(), signedBy(alice, alice)).reason())
                .isEqualTo("atLeast: 1 of 2 requirements are met, each under a signer of its own"
                        + " (2 are met in all), expected 2");
    }

    @Test
    void atLeast_keyListedInBoth_leftToWhomItIsNeededBy() throws Exception {
        // Alice meets both, Bob the first alone: only when Bob counts there is Alice free for the second.
        Policy policy = requiring(atLeast(2, byEither(alice, bob), by(alice)));
        assertThat(accepted(policy, image(), signedBy(alice, bob))
                        .requirements()
                        .getFirst()
                        .signers())
                .extracting(Signer::id)
                .containsOnly(id(alice), id(bob));
        assertThat(rejected(policy, image(), signedBy(alice)).reason()).contains("1 of 2");
    }

    @Test
    void atLeast_anyOfWithin_allItsSignersCanCount() throws Exception {
        String either = anyOf(by(alice), by(bob));
        Policy policy = requiring(atLeast(2, either, either));
        assertThat(cell(accepted(policy, image(), signedBy(alice, bob)))).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
        rejected(policy, image(), signedBy(bob));
    }

    @Test
    void atLeast_atLeastWithin_countsUnderOneOfItsSigners() throws Exception {
        Policy policy = requiring(atLeast(2, atLeast(2, by(alice), by(bob)), by(alice)));
        accepted(policy, image(), signedBy(alice, bob));
        rejected(policy, image(), signedBy(alice, carol));
    }

    @Test
    void atLeast_whatProvesNothingIsNeeded_metButNotSigned() throws Exception {
        String requirement = atLeast(2, by(alice), ANYTHING);
        assertThat(cell(accepted(lenient(requirement), image(), signedBy(alice))))
                .isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
        rejected(requiring(requirement), image(), signedBy(alice));
    }

    @Test
    void atLeast_enoughWithoutWhatProvesNothing_signed() throws Exception {
        assertThat(cell(accepted(requiring(atLeast(1, ANYTHING, by(alice))), image(), signedBy(alice))))
                .isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void atLeast_withoutSigners_onceForEachType() throws Exception {
        assertThat(rejected(lenient(atLeast(2, ANYTHING, ANYTHING)), image(), signedBy())
                        .reason())
                .contains("1 of 2");
        assertThat(rejected(lenient(atLeast(2, pinned(), anyOf(pinned()))), image(), signedBy())
                        .reason())
                .contains("1 of 2");
        assertThat(cell(accepted(lenient(atLeast(2, pinned(), ANYTHING)), image(), signedBy())))
                .isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
        assertThat(cell(accepted(requiring(atLeast(2, pinned(), by(alice))), image(), signedBy(alice))))
                .isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void decision_ofComposites_showsTheTree() throws Exception {
        AcceptedDecision decision =
                accepted(requiring(anyOf(atLeast(2, by(alice), by(bob)), by(carol))), image(), signedBy(carol));
        assertThat(decision.toText())
                .contains("\n  requirement 1, anyOf: allow: requirement 2 of 2 is met")
                .contains("\n  requirement 1.1, atLeast: deny: 0 of 2 requirements are met")
                .contains("\n  requirement 1.1.2, sigstoreSigned: deny: none of 1 signatures suffices")
                .contains("\n    manifest signature 1: reject (signature): ")
                .contains("\n  requirement 1.2, sigstoreSigned: allow: signed by key");
        assertThat(JsonWriter.compact(decision.toJson()))
                .contains("\"requirements\":[{\"type\":\"anyOf\",\"outcome\":\"allow\"")
                .contains("\"requirements\":[{\"type\":\"atLeast\",\"outcome\":\"deny\"")
                .contains("\"requirements\":[{\"type\":\"sigstoreSigned\",\"outcome\":\"deny\"");
    }

    // The grammar.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'anyOf'}",
                "{'type':'anyOf','requirements':[]}",
                "{'type':'anyOf','requirements':{}}",
                "{'type':'anyOf','requirements':[{'type':'nothing'}]}",
                "{'type':'anyOf','requirements':[{'type':'reject'}],'count':1}",
                "{'type':'atLeast','requirements':[{'type':'reject'}]}",
                "{'type':'atLeast','count':0,'requirements':[{'type':'reject'}]}",
                "{'type':'atLeast','count':2,'requirements':[{'type':'reject'}]}",
                "{'type':'atLeast','count':'1','requirements':[{'type':'reject'}]}",
                "{'type':'atLeast','count':1,'requirements':[]}",
                "{'type':'atLeast','count':1,'requirements':[{'type':'reject'}],'of':2}"
            })
    void parse_malformed_refused(String requirement) {
        assertThat(malformed(requirement)).contains("$.default[0]");
    }

    private static String nested(int depth) {
        return depth == 0 ? REJECT : depth % 2 == 0 ? anyOf(nested(depth - 1)) : atLeast(1, nested(depth - 1));
    }

    @Test
    void parse_nestedAtTheLimit_accepted() throws Exception {
        assertThat(requiring(nested(CompositeGrammar.MAX_DEPTH)).origin()).isEqualTo("test");
    }

    @Test
    void parse_nestedOverTheLimit_refused() {
        assertThat(malformed(nested(CompositeGrammar.MAX_DEPTH + 1)))
                .contains("stand more than 4 deep within each other")
                .contains("$.default[0].requirements[0].requirements[0].requirements[0].requirements[0]");
    }

    private static String[] rejects(int count) {
        return Collections.nCopies(count, REJECT).toArray(String[]::new);
    }

    @Test
    void parse_requirementsAtTheLimit_accepted() throws Exception {
        String[] most = rejects(CompositeGrammar.MAX_REQUIREMENTS);
        assertThat(policy("{'default':[" + atLeast(64, most) + "," + anyOf(most) + "]}")
                        .origin())
                .isEqualTo("test");
    }

    @Test
    void parse_requirementsOverTheLimit_refused() {
        for (String requirement : List.of(anyOf(rejects(65)), atLeast(1, rejects(65)))) {
            assertThat(malformed(requirement)).contains("got 65 requirements, expected 1 to 64");
        }
    }
}
