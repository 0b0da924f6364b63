package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.policy;
import static dev.bulla.policy.PolicyText.requiring;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ResourceException;
import dev.bulla.policy.bundle.BundleMaker;
import dev.bulla.policy.bundle.SigstoreInstance;
import dev.bulla.policy.signature.SignatureCheck;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BundleRequirementTest {
    private static final Digest MANIFEST = Digest.Algorithm.SHA256.of("m".getBytes(StandardCharsets.UTF_8));
    private static final Digest INDEX = Digest.Algorithm.SHA256.of("i".getBytes(StandardCharsets.UTF_8));
    private static final String SIGN = "https://sigstore.dev/cosign/sign/v1";
    private static final String SLSA_1 = "https://slsa.dev/provenance/v1";
    private static final String SLSA_0 = "https://slsa.dev/provenance/v0.2";
    private static final String DIGEST_ONLY = "'signedIdentity':{'type':'matchDigestOnly'}";
    private static final String WORKFLOW = "{'buildDefinition':{'buildType':'type','externalParameters':{'workflow':"
            + "{'repository':'https://forge.example/a/b','ref':'refs/heads/main','path':'p'}},"
            + "'resolvedDependencies':[{'uri':'git+https://forge.example/a/b@refs/heads/main',"
            + "'digest':{'gitCommit':'abc'}},{'uri':'pkg:other','digest':{'sha256':'def'}}]},"
            + "'runDetails':{'builder':{'id':'builder'}}}";
    private static final String OLD = "{'builder':{'id':'builder'},'buildType':'type','invocation':{'configSource':"
            + "{'uri':'git+https://forge.example/a/b@refs/heads/main','digest':{'sha1':'abc'}}}}";

    private final SigstoreInstance instance;

    BundleRequirementTest() throws Exception {
        instance = new SigstoreInstance();
    }

    private String keyData() {
        return "'keyData':'" + instance.signer.keyData() + "'";
    }

    private String root() throws Exception {
        return "'trustedRootData':'"
                + SigstoreInstance.base64(instance.trustedRoot().getBytes(StandardCharsets.UTF_8)) + "'";
    }

    private String keyless() throws Exception {
        return root() + ",'identities':[{'issuer':'" + SigstoreInstance.IDENTITY.issuer() + "','subject':'"
                + SigstoreInstance.IDENTITY.subject() + "'}]";
    }

    private static String statement(Digest subject, String type, String predicate) {
        return ("{'_type':'https://in-toto.io/Statement/v1','subject':[{'digest':{'"
                        + subject.algorithm().id() + "':'" + subject.hex() + "'}}],'predicateType':'" + type
                        + "','predicate':" + predicate + "}")
                .replace('\'', '"');
    }

    private StoredSignature bundle(String statement, boolean byKey) throws Exception {
        BundleMaker maker = new BundleMaker(instance, statement);
        maker.byKey = byKey;
        return new StoredSignature(StoredSignature.Kind.SIGSTORE_BUNDLE, BundleMaker.V0_3, maker.make(), Map.of());
    }

    private static SignatureSource on(Digest object, StoredSignature... bundles) {
        return (kind, digest) ->
                kind == StoredSignature.Kind.SIGSTORE_BUNDLE && digest.equals(object) ? List.of(bundles) : List.of();
    }

    private static PolicySubject subject() throws Exception {
        return Subjects.docker(
                ImageReference.parse("registry.example/app:1"), MANIFEST, Optional.of(INDEX), LayerEncryption.NONE);
    }

    private static Decision decide(String requirement, SignatureSource signatures) throws Exception {
        PolicyEvaluator evaluator = new PolicyEvaluator(
                requiring(requirement),
                (uri, limit) -> {
                    throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
                },
                Clocks.at(Instant.parse("1970-01-01T00:00:00Z")));
        try {
            return evaluator.evaluate(subject(), signatures).afterKeys(List.of());
        } catch (PolicyRejectedException e) {
            return e.decision();
        }
    }

    private static RequirementDecision first(String requirement, SignatureSource signatures) throws Exception {
        return decide(requirement, signatures).requirements().getFirst();
    }

    private String signed() {
        return "{'type':'sigstoreBundle'," + keyData() + "," + DIGEST_ONLY + "}";
    }

    @Test
    void sigstoreBundle_byKey_onManifestOrLinkedIndex_allowed() throws Exception {
        for (Digest digest : List.of(MANIFEST, INDEX)) {
            Decision decision = decide(signed(), on(digest, bundle(statement(digest, SIGN, "{}"), true)));
            assertThat(decision).isInstanceOf(AcceptedDecision.class);
            assertThat(decision.requirements().getFirst().signers()).hasSize(1);
        }
    }

    @Test
    void sigstoreBundle_keylessAndWithWitnesses_allowed() throws Exception {
        SignatureSource keyless = on(MANIFEST, bundle(statement(MANIFEST, SIGN, "{}"), false));
        assertThat(decide("{'type':'sigstoreBundle'," + keyless() + "," + DIGEST_ONLY + "}", keyless))
                .isInstanceOf(AcceptedDecision.class);
        SignatureSource byKey = on(MANIFEST, bundle(statement(MANIFEST, SIGN, "{}"), true));
        String both = "{'type':'sigstoreBundle'," + keyData() + "," + root()
                + ",'requireLog':true,'requireTimestamp':true," + DIGEST_ONLY + "}";
        assertThat(first(both, byKey).signers().getFirst().signedAt()).isPresent();
    }

    @Test
    void sigstoreBundle_ofAnAttestation_doesNotCount() throws Exception {
        RequirementDecision decision =
                first(signed(), on(MANIFEST, bundle(statement(MANIFEST, SLSA_1, WORKFLOW), true)));
        assertThat(decision.allows()).isFalse();
        assertThat(decision.signatures().getFirst().failed()).contains(SignatureCheck.PAYLOAD);
    }

    @Test
    void sigstoreBundle_onAnotherImageOrOfAnotherKind_denied() throws Exception {
        StoredSignature other = bundle(statement(INDEX, SIGN, "{}"), true);
        assertThat(first(signed(), on(MANIFEST, other)).signatures().getFirst().failed())
                .contains(SignatureCheck.DIGEST);
        StoredSignature good = bundle(statement(MANIFEST, SIGN, "{}"), true);
        StoredSignature renamed =
                new StoredSignature(StoredSignature.Kind.SIGSTORE_BUNDLE, "application/json", good.bytes(), Map.of());
        assertThat(first(signed(), on(MANIFEST, renamed))
                        .signatures()
                        .getFirst()
                        .failed())
                .contains(SignatureCheck.MEDIA_TYPE);
        assertThat(first(signed(), SignatureSource.NONE).reason()).contains("no sigstore bundle");
        String noRoot = "{'type':'sigstoreBundle'," + keyless().replace(root(), "'trustedRootPath':'/root.json'") + ","
                + DIGEST_ONLY + "}";
        assertThat(first(noRoot, on(MANIFEST, good)).allows()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({SLSA_1 + ",true", SLSA_0 + ",false"})
    void attestation_slsa_readsBothVersions(String type, boolean v1) throws Exception {
        SignatureSource source = on(MANIFEST, bundle(statement(MANIFEST, type, v1 ? WORKFLOW : OLD), true));
        Map<String, String> fields = Map.of(
                "builderId", "builder",
                "buildType", "type",
                "sourceUri", "https://forge.example/a/b",
                "sourceRef", "refs/heads/main",
                "sourceDigest", "abc");
        for (Map.Entry<String, String> field : fields.entrySet()) {
            String good = attestation(type, "'" + field.getKey() + "':'" + field.getValue() + "'");
            assertThat(first(good, source).allows()).as(good).isTrue();
            RequirementDecision bad = first(good.replace(field.getValue() + "'}", field.getValue() + "x'}"), source);
            assertThat(bad.allows()).isFalse();
            assertThat(bad.reason()).contains(field.getKey());
            SignatureSource absent = on(MANIFEST, bundle(statement(MANIFEST, type, "{}"), true));
            assertThat(first(good, absent).reason()).contains("absent");
        }
    }

    private String attestation(String type, String slsa) {
        return "{'type':'attestation'," + keyData() + ",'predicateType':'" + type + "'"
                + (slsa.isEmpty() ? "" : ",'slsa':{" + slsa + "}") + "}";
    }

    @Test
    void attestation_otherTypeOrImage_denied() throws Exception {
        String requirement = attestation("https://example/v1", "");
        assertThat(first(requirement, on(MANIFEST, bundle(statement(MANIFEST, SIGN, "{}"), true)))
                        .allows())
                .isFalse();
        assertThat(first(requirement, on(MANIFEST, bundle(statement(INDEX, "https://example/v1", "{}"), true)))
                        .allows())
                .isFalse();
    }

    @Test
    void attestation_makesSignedOnlyWithABuilder() throws Exception {
        SignatureSource source = on(MANIFEST, bundle(statement(MANIFEST, SLSA_1, WORKFLOW), true));
        Decision plain = decide(attestation(SLSA_1, ""), source);
        assertThat(plain.requirements().getFirst().allows()).isTrue();
        assertThat(plain).isInstanceOf(RejectedDecision.class);
        assertThat(decide(attestation(SLSA_1, "'sourceRef':'refs/heads/main'"), source))
                .isInstanceOf(RejectedDecision.class);
        assertThat(decide(attestation(SLSA_1, "'builderId':'builder'"), source)).isInstanceOf(AcceptedDecision.class);
    }

    @Test
    void slsa_twoSources_noneIsTaken() throws Exception {
        String two =
                WORKFLOW.replace("'externalParameters':{", "'externalParameters':{'source':{'uri':'git+u@refs/x'},");
        SignatureSource source = on(MANIFEST, bundle(statement(MANIFEST, SLSA_1, two), true));
        assertThat(first(attestation(SLSA_1, "'sourceRef':'refs/heads/main'"), source)
                        .reason())
                .contains("absent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'keyPath':'k'",
                "'keyPath':'k','signedIdentity':{'type':'matchRepository'}",
                "'keyPath':'k','signedIdentity':{'type':'matchDigestOnly','x':1}",
                "'signedIdentity':{'type':'matchDigestOnly'}",
                "'keyPath':'k','keyData':'','signedIdentity':{'type':'matchDigestOnly'}",
                "'keyPaths':[],'signedIdentity':{'type':'matchDigestOnly'}",
                "'keyPath':'k','requireLog':true,'signedIdentity':{'type':'matchDigestOnly'}",
                "'keyPath':'k','trustedRootPath':'r','signedIdentity':{'type':'matchDigestOnly'}",
                "'keyPath':'k','trustedRootPath':'r','requireLog':false,'signedIdentity':{'type':'matchDigestOnly'}",
                "'keyPath':'k','trustedRootPath':'r','requireLog':'yes','signedIdentity':{'type':'matchDigestOnly'}",
                "'identities':[{'issuer':'i','subject':'s'}],'signedIdentity':{'type':'matchDigestOnly'}",
                "'trustedRootPath':'r','identities':[],'signedIdentity':{'type':'matchDigestOnly'}",
                "'trustedRootPath':'r','identities':[{'issuer':'i'}],'signedIdentity':{'type':'matchDigestOnly'}",
                "'trustedRootPath':'r','identities':[{'issuer':'','subject':'s'}],"
                        + "'signedIdentity':{'type':'matchDigestOnly'}",
                "'trustedRootPath':'r','trustedRootData':'','identities':[{'issuer':'i','subject':'s'}],"
                        + "'signedIdentity':{'type':'matchDigestOnly'}",
                "'trustedRootPath':'r','requireLog':true,'identities':[{'issuer':'i','subject':'s'}],"
                        + "'signedIdentity':{'type':'matchDigestOnly'}",
                "'keyPath':'k','predicateType':'p','signedIdentity':{'type':'matchDigestOnly'}",
            })
    void parse_sigstoreBundleOfAnotherForm_refused(String fields) {
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> requiring("{'type':'sigstoreBundle'," + fields + "}"))
                .withMessageContaining("$.default[0]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'keyPath':'k'",
                "'keyPath':'k','predicateType':''",
                "'keyPath':'k','predicateType':'p','slsa':{'builderId':'b'}",
                "'keyPath':'k','predicateType':'https://slsa.dev/provenance/v1','slsa':{}",
                "'keyPath':'k','predicateType':'https://slsa.dev/provenance/v1','slsa':{'level':'3'}",
                "'keyPath':'k','predicateType':'https://slsa.dev/provenance/v1','slsa':{'builderId':''}",
                "'keyPath':'k','predicateType':'https://slsa.dev/provenance/v1','slsa':{'sourceUri':'git+https://x'}",
                "'keyPath':'k','predicateType':'p','signedIdentity':{'type':'matchDigestOnly'}",
            })
    void parse_attestationOfAnotherForm_refused(String fields) {
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> requiring("{'type':'attestation'," + fields + "}"))
                .withMessageContaining("$.default[0]");
    }

    @Test
    void parse_matchDigestOnlyInAStockType_refused() {
        PolicyFormatException e = catchThrowableOfType(
                PolicyFormatException.class,
                () -> policy("{'default':[{'type':'sigstoreSigned','keyPath':'k'," + DIGEST_ONLY + "}]}"));
        assertThat(e).hasMessageContaining("matchDigestOnly");
        assertThatCode(() -> requiring("{'type':'sigstoreBundle','keyPath':'k'," + DIGEST_ONLY + "}"))
                .doesNotThrowAnyException();
    }
}
