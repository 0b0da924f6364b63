package dev.bulla.policy;

import static dev.bulla.policy.Judging.INDEX;
import static dev.bulla.policy.Judging.MANIFEST;
import static dev.bulla.policy.Judging.NAME;
import static dev.bulla.policy.Judging.accepted;
import static dev.bulla.policy.Judging.image;
import static dev.bulla.policy.Judging.lenient;
import static dev.bulla.policy.Judging.malformedSection;
import static dev.bulla.policy.Judging.rejected;
import static dev.bulla.policy.Judging.signatures;
import static dev.bulla.policy.PolicyText.policy;
import static dev.bulla.policy.PolicyText.sigstoreSigned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.Signer;
import dev.bulla.policy.signature.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RevocationTest {
    private static final String FINGERPRINT = "08CD26E446E2E95249B7A405E932F44B23E8DD43";
    private static final String LIBTRUST = "libtrust:ABCD:EFGH:IJKL:MNOP:QRST:UVWX:YZ23:4567:ABCD:EFGH:IJKL:MNOP";

    private SigningKey alice = new SigningKey(new java.security.KeyPair(null, null), "none");
    private SigningKey bob = alice;

    @BeforeAll
    void makeKeys() throws Exception {
        alice = SigningKey.ec("secp256r1");
        bob = SigningKey.ec("secp256r1");
    }

    private static String id(SigningKey key) {
        return Digest.Algorithm.SHA256.of(key.pair().getPublic().getEncoded()).toString();
    }

    private static String list(long version, String keys, String digests) {
        return "{'listVersion':" + version + ",'keys':[" + keys + "],'digests':[" + digests + "]}";
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static Policy revoking(String digests) throws Exception {
        return policy(lenient("'revoked':" + list(7, "", digests)));
    }

    private Policy signedUnder(String section) throws Exception {
        return policy("{'default':[{'type':'sigstoreSigned','keyDatas':['" + alice.keyData() + "','" + bob.keyData()
                + "'],'signedIdentity':{'type':'matchExact'}}],'bulla':{'version':1," + section + "}}");
    }

    // Keys.

    @Test
    void key_revoked_itsSignatureFailsThere() throws Exception {
        Policy policy = signedUnder("'revoked':" + list(7, "'" + id(alice) + "'", ""));
        RejectedDecision decision = rejected(policy, image(), signatures(alice.attachment(MANIFEST, NAME)));
        RequirementDecision requirement = decision.requirements().get(1);
        assertThat(requirement.signatures()).singleElement().satisfies(signature -> {
            assertThat(signature.failed()).contains(SignatureCheck.REVOCATION);
            assertThat(signature.reason()).startsWith("the policy's revocation list has \"" + id(alice) + "\"");
        });
    }

    @Test
    void key_otherRevoked_signatureCounts() throws Exception {
        Policy policy = signedUnder("'revoked':" + list(7, "'" + id(alice) + "'", ""));
        AcceptedDecision decision =
                accepted(policy, image(), signatures(alice.attachment(MANIFEST, NAME), bob.attachment(MANIFEST, NAME)));
        assertThat(decision.requirements().getFirst().type()).isEqualTo("revoked");
        assertThat(decision.requirements().getFirst().reason()).isEqualTo("the image is not revoked, list version 7");
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void key_revoked_countsForNothingInAtLeast() throws Exception {
        String requirements =
                sigstoreSigned(alice, "{'type':'matchExact'}") + "," + sigstoreSigned(bob, "{'type':'matchExact'}");
        Policy policy = policy("{'default':[{'type':'atLeast','count':2,'requirements':[" + requirements
                + "]}],'bulla':{'version':1,'revoked':" + list(1, "'" + id(bob) + "'", "") + "}}");
        assertThat(rejected(
                                policy,
                                image(),
                                signatures(alice.attachment(MANIFEST, NAME), bob.attachment(MANIFEST, NAME)))
                        .reason())
                .contains("1 of 2 requirements are met");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openpgp:" + FINGERPRINT, LIBTRUST})
    void requireNotRevoked_anyIdOfTheSigner_refused(String id) throws Exception {
        RevocationList list = new RevocationList(1, Set.of(id), Set.of());
        for (Signer signer : List.of(
                new Signer(id, Set.of(), "signed", Optional.empty()),
                new Signer("x", Set.of("sha256:y", id), "signed", Optional.of(Clocks.BUILD)))) {
            assertThatExceptionOfType(SignatureRejectedException.class)
                    .isThrownBy(() -> list.requireNotRevoked(signer))
                    .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.REVOCATION));
        }
        Signer other = new Signer("x", Set.of("sha256:y"), "signed", Optional.empty());
        assertThat(list.requireNotRevoked(other)).isSameAs(other);
    }

    @Test
    void requireNotRevoked_fingerprintInTheOtherCase_refused() throws Exception {
        String lower = "openpgp:" + FINGERPRINT.toLowerCase(java.util.Locale.ROOT);
        RevocationList list = policy(lenient("'revoked':" + list(1, "'" + lower + "'", "")))
                .revocations()
                .read(new KeyMaterialReader(Judging.NO_RESOURCES, Optional.empty()));
        for (String id : List.of(lower, "openpgp:" + FINGERPRINT)) {
            assertThatExceptionOfType(SignatureRejectedException.class)
                    .isThrownBy(() -> list.requireNotRevoked(new Signer("x", Set.of(id), "signed", Optional.empty())));
        }
    }

    // Images.

    @Test
    void image_manifestRevoked_refusedBeforeSignaturesAreAskedFor() throws Exception {
        SignatureSource nobody = (kind, digest) -> {
            throw new AssertionError("asked for signatures");
        };
        RejectedDecision decision =
                rejected(signedUnder("'revoked':" + list(7, "", "'" + MANIFEST + "'")), image(), nobody);
        assertThat(decision.reason()).isEqualTo("revoked: the manifest " + MANIFEST + " is revoked, list version 7");
    }

    @Test
    void image_indexOrConfigRevoked_refused() throws Exception {
        assertThat(rejected(revoking("'" + INDEX + "'"), image(), SignatureSource.NONE)
                        .reason())
                .contains("the index " + INDEX);
        Digest config = image().config().orElseThrow();
        assertThat(rejected(revoking("'" + config + "'"), image(), SignatureSource.NONE)
                        .reason())
                .contains("the configuration " + config);
    }

    @Test
    void image_otherRevoked_accepted() throws Exception {
        accepted(revoking("'" + Judging.digest("other") + "'"), image(), SignatureSource.NONE);
    }

    @Test
    void image_calledByAnotherAlgorithm_refusedForWantOfAComparison() throws Exception {
        Digest sha512 = Digest.Algorithm.SHA512.of("manifest".getBytes(StandardCharsets.UTF_8));
        PolicySubject image = new PolicySubject(
                image().name(),
                Descriptor.of(MediaTypes.OCI_MANIFEST, sha512, 1000),
                Optional.empty(),
                Optional.empty(),
                List.of(false),
                Map.of());
        assertThat(rejected(revoking("'" + MANIFEST + "'"), image, SignatureSource.NONE)
                        .reason())
                .contains("cannot be compared");
        accepted(revoking(""), image, SignatureSource.NONE);
    }

    // Lists elsewhere.

    private RejectedDecision rejectedBy(Policy policy, ResourceSource resources) throws Exception {
        return rejected(
                new PolicyEvaluator(policy, resources, Clocks.now()),
                image(),
                signatures(alice.attachment(MANIFEST, NAME)));
    }

    @Test
    void path_listOfAKbs_revokes() throws Exception {
        Policy policy = signedUnder("'revokedPath':'kbs:///default/revoked/list','minimumListVersion':3");
        RejectedDecision decision = rejectedBy(policy, (uri, limit) -> {
            assertThat(uri).hasToString("kbs:///default/revoked/list");
            return json(list(3, "'" + id(alice) + "'", ""));
        });
        assertThat(decision.requirements().getFirst().reason()).isEqualTo("the image is not revoked, list version 3");
        assertThat(decision.reason()).contains("revocation");
    }

    @Test
    void path_olderThanTheMinimum_refused() throws Exception {
        Policy policy = signedUnder("'revokedPath':'/list.json','minimumListVersion':3");
        RejectedDecision decision = rejectedBy(policy, (uri, limit) -> json(list(2, "", "")));
        assertThat(decision.reason())
                .isEqualTo("revoked: the revocation list \"/list.json\" is version 2, expected at least 3: somebody"
                        + " serves an old one");
        assertThat(decision.requirements()).hasSize(1);
    }

    @Test
    void path_unreadable_refused() throws Exception {
        assertThat(rejectedBy(signedUnder("'revokedPath':'/list.json'"), Judging.NO_RESOURCES)
                        .reason())
                .startsWith("revoked: the revocation list \"/list.json\": ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{'keys':[]}",
                "{'listVersion':0}",
                "{'listVersion':1,'keys':['sha256:00']}",
                "{'listVersion':1,'until':2}",
                "{'listVersion':1} x"
            })
    void path_noList_refused(String text) throws Exception {
        assertThat(rejectedBy(signedUnder("'revokedPath':'/list.json'"), (uri, limit) -> json(text))
                        .reason())
                .startsWith("revoked: the revocation list \"/list.json\": $");
    }

    @Test
    void data_andOwnList_bothRevoke() throws Exception {
        String data = Base64.getEncoder().encodeToString(json(list(5, "'" + id(bob) + "'", "")));
        Policy policy =
                signedUnder("'revoked':" + list(1, "'" + id(alice) + "'", "") + ",'revokedData':'" + data + "'");
        assertThat(rejected(
                                policy,
                                image(),
                                signatures(alice.attachment(MANIFEST, NAME), bob.attachment(MANIFEST, NAME)))
                        .requirements()
                        .get(1)
                        .signatures())
                .extracting(SignatureDecision::failed)
                .containsOnly(Optional.of(SignatureCheck.REVOCATION));
    }

    // The grammar.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'revoked':{}",
                "'revoked':[]",
                "'revoked':{'listVersion':0}",
                "'revoked':{'listVersion':1,'keys':'sha256:00'}",
                "'revoked':{'listVersion':1,'keys':['openpgp:E932F44B23E8DD43']}",
                "'revoked':{'listVersion':1,'keys':['libtrust:ABCD']}",
                "'revoked':{'listVersion':1,'keys':['SHA256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef']}",
                "'revoked':{'listVersion':1,'digests':['sha256:0']}",
                "'revoked':{'listVersion':1,'fingerprints':[]}",
                "'revokedPath':''",
                "'revokedPath':'/a','revokedData':''",
                "'revokedPath':'/a','minimumListVersion':0",
                "'minimumListVersion':1",
                "'revoked':{'listVersion':1},'minimumListVersion':1"
            })
    void parse_malformed_refused(String section) {
        assertThat(malformedSection(section)).contains("$.bulla");
    }

    private static String keys(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "'" + Digest.Algorithm.SHA256.of(new byte[] {(byte) i, (byte) (i >> 8)}) + "'")
                .collect(Collectors.joining(","));
    }

    @Test
    void parse_entriesAtTheLimit_accepted() throws Exception {
        assertThat(policy(lenient("'revoked':" + list(1, keys(RevocationList.MAX_ENTRIES - 1), "'" + MANIFEST + "'")))
                        .origin())
                .isEqualTo("test");
    }

    @Test
    void parse_entriesOverTheLimit_refused() {
        assertThat(malformedSection("'revoked':" + list(1, keys(RevocationList.MAX_ENTRIES), "'" + MANIFEST + "'")))
                .contains("10001 keys and digests, limit 10000");
    }
}
