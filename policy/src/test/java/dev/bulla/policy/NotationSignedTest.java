package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.policy;
import static dev.bulla.policy.PolicyText.requiring;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.notation.Mint;
import dev.bulla.policy.notation.Minted;
import dev.bulla.policy.notation.TestEnvelope;
import dev.bulla.policy.notation.TestList;
import dev.bulla.policy.notation.TestTsa;
import dev.bulla.policy.signature.SignatureCheck;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requirement {@code notationSigned}: its grammar, its two forms, the decision, at several clocks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NotationSignedTest {
    private static final String NAME = "registry.example/app:1";
    private static final Digest MANIFEST = Digest.Algorithm.SHA256.of("manifest".getBytes(StandardCharsets.UTF_8));
    private static final Digest INDEX = Digest.Algorithm.SHA256.of("index".getBytes(StandardCharsets.UTF_8));
    private static final Instant EARLY = Instant.EPOCH;
    private static final Instant LATE = Instant.parse("2100-01-01T00:00:00Z");

    private final Minted root;
    private final Minted leaf;
    private final Minted tsaRoot;
    private final PolicySubject image;

    NotationSignedTest() throws Exception {
        root = Mint.authority("C=US,O=acme,CN=root").selfSigned();
        leaf = Mint.leaf("C=US,ST=WA,O=acme").by(root);
        tsaRoot = Mint.authority("C=US,O=tsa,CN=root").selfSigned();
        image = Subjects.docker(ImageReference.parse(NAME), MANIFEST, Optional.of(INDEX), LayerEncryption.NONE);
    }

    private static String data(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String data(X509Certificate certificate) throws Exception {
        return data(certificate.getEncoded());
    }

    private String own(String more) throws Exception {
        return "{'type':'notationSigned','caData':'" + data(root.certificate()) + "','trustedIdentities':['*']" + more
                + "}";
    }

    private TestEnvelope good() {
        return TestEnvelope.x509(leaf, image.manifestDescriptor());
    }

    private static SignatureSource on(Digest object, String mediaType, byte[] envelope) {
        return (kind, digest) -> kind == StoredSignature.Kind.NOTATION && digest.equals(object)
                ? List.of(new StoredSignature(kind, mediaType, envelope, Map.of()))
                : List.of();
    }

    private static SignatureSource jws(TestEnvelope envelope) throws Exception {
        return on(MANIFEST, "application/jose+json", envelope.jws());
    }

    private Decision decide(Policy policy, Instant clock, SignatureSource signatures) throws Exception {
        PolicyEvaluator evaluator = new PolicyEvaluator(policy, new FileResources(), Clocks.at(clock));
        try {
            return evaluator.evaluate(image, signatures).afterKeys(List.of());
        } catch (PolicyRejectedException e) {
            return e.decision();
        }
    }

    private void accepted(Policy policy, Instant clock, SignatureSource signatures) throws Exception {
        assertThat(decide(policy, clock, signatures))
                .satisfies(decision ->
                        assertThat(decision.outcome()).as(decision.reason()).isEqualTo("accept"));
    }

    private void refused(String message, Policy policy, Instant clock, SignatureSource signatures) throws Exception {
        Decision decision = decide(policy, clock, signatures);
        assertThat(decision.outcome()).isEqualTo("reject");
        assertThat(decision.reason()).contains(message).doesNotContain("\n");
    }

    // Clocks.

    @Test
    void evaluate_hostClockEarly_isJudgedAtTheFloor() throws Exception {
        accepted(requiring(own("")), EARLY, jws(good()));
        refused(
                "is valid from",
                requiring(own("")),
                EARLY,
                jws(TestEnvelope.x509(
                        Mint.leaf("C=US,ST=WA,O=acme")
                                .valid(Mint.FROM, Clocks.BUILD.minusSeconds(1))
                                .by(root),
                        image.manifestDescriptor())));
    }

    @Test
    void evaluate_hostClockLate_refusesWithoutAWitness() throws Exception {
        accepted(requiring(own("")), Clocks.NOW, jws(good()));
        refused("not at the present time", requiring(own("")), LATE, jws(good()));
        String authority = "{'type':'notationSigned','signingAuthorityData':'" + data(root.certificate())
                + "','trustedIdentities':['*']}";
        for (Instant clock : List.of(EARLY, Clocks.NOW, LATE)) {
            accepted(requiring(authority), clock, jws(TestEnvelope.signingAuthority(leaf, image.manifestDescriptor())));
        }
    }

    @Test
    void evaluate_timeStamp_isGoodAtEveryClock() throws Exception {
        Minted clock = Mint.tsa("C=US,O=tsa,CN=clock").by(tsaRoot);
        String stamped = own(",'tsaData':'" + data(tsaRoot.certificate()) + "'");
        TestEnvelope envelope = good().timestamp(new TestTsa(clock, TestEnvelope.SIGNED)::over);
        for (Instant now : List.of(EARLY, Clocks.NOW, LATE)) {
            accepted(requiring(stamped), now, jws(envelope));
            refused("no time stamp", requiring(stamped), now, jws(good()));
        }
    }

    @Test
    void evaluate_revocationList_countsUntilItExpires() throws Exception {
        String listed = own(",'crlData':'" + data(TestList.of(root).der()) + "'");
        accepted(requiring(listed), EARLY, jws(good()));
        accepted(requiring(listed), Clocks.NOW, jws(good()));
        refused("not at the present time", requiring(listed), LATE, jws(good()));
        String revoked = own(",'crlData':'"
                + data(TestList.of(root).revoked(leaf.certificate()).der()) + "'");
        for (Instant clock : List.of(EARLY, Clocks.NOW)) {
            refused("is revoked", requiring(revoked), clock, jws(good()));
        }
    }

    // The decision.

    @Test
    void evaluate_coseOnTheIndex_accepted() throws Exception {
        Descriptor index = image.indexDescriptor().orElseThrow();
        Decision decision = decide(
                requiring(own("")),
                Clocks.NOW,
                on(INDEX, "application/cose", TestEnvelope.x509(leaf, index).cose()));
        assertThat(decision.outcome()).isEqualTo("accept");
        assertThat(decision.requirements()).singleElement().satisfies(requirement -> {
            assertThat(requirement.type()).isEqualTo("notationSigned");
            assertThat(requirement.cryptographic()).isTrue();
            assertThat(requirement.signers())
                    .singleElement()
                    .satisfies(signer -> assertThat(signer.revocationIds()).hasSize(2));
        });
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void evaluate_signatureOfTheIndexOnTheManifest_refused() throws Exception {
        refused(
                "fails at digest",
                requiring(own("")),
                Clocks.NOW,
                jws(TestEnvelope.x509(leaf, image.indexDescriptor().orElseThrow())));
        refused("the image has no notation signature", requiring(own("")), Clocks.NOW, SignatureSource.NONE);
    }

    @Test
    void evaluate_audit_neverMakesTheImageSigned() throws Exception {
        Minted other =
                Mint.leaf("C=US,ST=WA,O=evil").by(Mint.authority("CN=evil").selfSigned());
        SignatureSource evil = jws(TestEnvelope.x509(other, image.manifestDescriptor()));
        for (String level : List.of(",'level':'audit'", ",'level':'permissive','override':{'authenticity':'log'}")) {
            refused("matrix: no requirement that the image met", requiring(own(level)), Clocks.NOW, evil);
            refused("matrix: no requirement that the image met", requiring(own(level)), Clocks.NOW, jws(good()));
            Decision decision = decide(
                    policy("{'default':[" + own(level)
                            + "],'bulla':{'version':1,'matrix':{'unencryptedUnsigned':{'allow':true}}}}"),
                    Clocks.NOW,
                    evil);
            assertThat(decision.outcome()).isEqualTo("accept");
            assertThat(decision.reason())
                    .contains("warning: authenticity fails and is not enforced")
                    .contains("does not count as signed");
            assertThat(decision.requirements())
                    .singleElement()
                    .satisfies(requirement -> assertThat(requirement.signers()).isEmpty());
            refused("the image has no notation signature", requiring(own(level)), Clocks.NOW, SignatureSource.NONE);
        }
    }

    @Test
    void evaluate_permissive_saysWhatItDoesNotEnforce() throws Exception {
        Decision decision = decide(requiring(own(",'level':'permissive'")), LATE, jws(good()));
        assertThat(decision.outcome()).isEqualTo("accept");
        assertThat(decision.reason()).contains("warning: authenticTimestamp fails and is not enforced");
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void evaluate_firstFailureIsNamed() throws Exception {
        Decision decision = decide(
                requiring("{'type':'notationSigned','caData':'" + data(tsaRoot.certificate())
                        + "','trustedIdentities':['*']}"),
                Clocks.NOW,
                jws(good()));
        assertThat(decision.requirements())
                .singleElement()
                .satisfies(requirement -> assertThat(requirement.signatures())
                        .singleElement()
                        .satisfies(signature -> assertThat(signature.failed()).contains(SignatureCheck.CERTIFICATE)));
    }

    // The trust policy of notation.

    private String byTrustPolicy(String statement, String stores) {
        String document = "{'version':'1.0','trustPolicies':[" + statement + "]}";
        return "{'type':'notationSigned','trustPolicyData':'"
                + data(document.replace('\'', '"').getBytes(StandardCharsets.UTF_8)) + "','trustStores':" + stores
                + "}";
    }

    private static String statement(String scopes, String verification) {
        return "{'name':'n','registryScopes':" + scopes + ",'signatureVerification':" + verification
                + ",'trustStores':['ca:acme'],'trustedIdentities':['x509.subject: C=US, ST=WA, O=acme']}";
    }

    private String stores() throws Exception {
        return "{'ca:acme':{'certData':'" + data(root.certificate()) + "'},'ca:unused':{'certPath':'/absent.pem'}}";
    }

    @Test
    void evaluate_trustPolicy_decides() throws Exception {
        String strict = "{'level':'strict'}";
        accepted(
                requiring(byTrustPolicy(statement("['registry.example/app']", strict), stores())),
                Clocks.NOW,
                jws(good()));
        accepted(requiring(byTrustPolicy(statement("['*']", strict), stores())), Clocks.NOW, jws(good()));
        refused(
                "has none for this image",
                requiring(byTrustPolicy(statement("['registry.example/other']", strict), stores())),
                Clocks.NOW,
                jws(good()));
        refused(
                "ca:acme, which trustStores does not have",
                requiring(byTrustPolicy(statement("['*']", strict), "{}")),
                Clocks.NOW,
                jws(good()));
        refused(
                "matrix: no requirement that the image met",
                requiring(byTrustPolicy(statement("['*']", "{'level':'audit'}"), stores())),
                Clocks.NOW,
                jws(good()));
        refused(
                "of the level skip, which verifies nothing; name {\"type\": \"insecureAcceptAnything\"}",
                requiring(byTrustPolicy(
                        "{'name':'n','registryScopes':['registry.example/app'],'signatureVerification':{'level':'skip'}}",
                        "{}")),
                Clocks.NOW,
                jws(good()));
        refused(
                "the trust policy $.default[0].trustPolicyData: $.trustPolicies: 0 trust policies",
                requiring(byTrustPolicy("", stores())),
                Clocks.NOW,
                jws(good()));
    }

    @Test
    void evaluate_files_areRead(@TempDir Path folder) throws Exception {
        Path document = Files.writeString(
                folder.resolve("trustpolicy.json"),
                ("{'version':'1.0','trustPolicies':[" + statement("['*']", "{'level':'strict'}") + "]}")
                        .replace('\'', '"'));
        Path pem = Files.writeString(folder.resolve("root.pem"), Minted.pem(root.certificate()));
        Path list = Files.write(folder.resolve("root.crl"), TestList.of(root).der());
        String requirement = "{'type':'notationSigned','trustPolicyPath':'" + document
                + "','trustStores':{'ca:acme':{'certPaths':['" + pem + "']}},'crlPath':'" + list + "'}";
        accepted(requiring(requirement), Clocks.NOW, jws(good()));
        Files.delete(list);
        refused("the key is not to be had", requiring(requirement), Clocks.NOW, jws(good()));
    }

    // The grammar.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'caPath':'/a.pem','trustedIdentities':['*']",
                "'caPaths':['/a.pem','kbs:///a/b/c'],'trustedIdentities':['*'],'level':'permissive'",
                "'signingAuthorityDatas':['AAAA'],'tsaPath':'t.pem','crlPaths':['c'],'verifyTimestamp':'afterCertExpiry',"
                        + "'override':{'revocation':'skip'},'trustedIdentities':['x509.subject: C=a, ST=b, O=c']",
                "'trustPolicyPath':'kbs:///a/b/c','trustStores':{'tsa:t':{'certPaths':['a','b']}},'crlData':'AAAA'"
            })
    void parse_everyForm_accepted(String members) throws Exception {
        assertThat(requiring("{'type':'notationSigned'," + members + "}").origin())
                .isEqualTo("test");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            'trustedIdentities':['*']                                            | neither caPath
            'caPath':'a'                                                         | "trustedIdentities" is missing
            'caPath':'a','trustedIdentities':[]                                  | 0 identities
            'caPath':'a','caData':'AAAA','trustedIdentities':['*']               | got caPath and caData
            'caPaths':[],'trustedIdentities':['*']                               | the list is empty
            'caPath':'a','trustedIdentities':['*'],'level':'skip'                | the level skip verifies nothing; name
            'caPath':'a','trustedIdentities':['*'],'level':null                  | expected a string
            'caPath':'a','trustedIdentities':['*'],'verifyTimestamp':'always'    | needs tsaPath
            'caPath':'a','trustedIdentities':['*'],'signedIdentity':{'type':'matchExact'} | unknown key "signedIdentity"
            'caPath':'a','trustedIdentities':['*'],'trustPolicyPath':'b'         | unknown key
            'trustPolicyPath':'b','trustPolicyData':'AAAA'                       | got trustPolicyPath and trustPolicyData
            'trustPolicyPath':'b'                                                | "trustStores" is missing
            'trustPolicyPath':'b','trustStores':{'acme':{'certPath':'a'}}        | expected ca:NAME
            'trustPolicyPath':'b','trustStores':{'ca:a':{}}                      | got none
            'trustPolicyPath':'b','trustStores':{'ca:a':{'certPath':'a','x':1}}  | unknown key "x"
            'trustPolicyPath':'b','trustStores':{},'level':'strict'              | unknown key "level"
            """)
    void parse_otherForms_refused(String members, String message) {
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> requiring("{'type':'notationSigned'," + members + "}"))
                .withMessageContaining(message);
    }

    @Test
    void parse_refusal_namesItsPlace() {
        PolicyFormatException e = catchThrowableOfType(
                PolicyFormatException.class,
                () -> requiring("{'type':'notationSigned','caPath':'a','trustedIdentities':['*'],'level':'lax'}"));
        assertThat(e).isNotNull();
        assertThat(e.path()).isEqualTo("$.default[0].level");
    }
}
