package dev.bulla.policy;

import static dev.bulla.policy.Judging.MANIFEST;
import static dev.bulla.policy.Judging.NO_RESOURCES;
import static dev.bulla.policy.Judging.digest;
import static dev.bulla.policy.Judging.image;
import static dev.bulla.policy.PolicyText.policy;
import static dev.bulla.policy.PolicyText.sigstoreSigned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.policy.signature.SigningKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BaseLayerEvaluationTest {
    private static final String BASE_NAME = "base.example/os:1";
    private static final Digest BASE_MANIFEST = digest("base manifest");
    private static final Digest OS = digest("layer of the system");
    private static final Digest LIBRARIES = digest("layer of libraries");
    private static final Digest APP = digest("layer of the application");
    private static final String EXACT_BASE = "{'type':'exactReference','dockerReference':'" + BASE_NAME + "'}";

    private SigningKey key = new SigningKey(new java.security.KeyPair(null, null), "none");

    @BeforeAll
    void makeKey() throws Exception {
        key = SigningKey.ec("secp256r1");
    }

    /** A registry with one base image; it keeps what it is asked for. */
    private static final class Bases implements BaseImages {
        private final List<String> asked = new ArrayList<>();
        private List<Digest> diffIds = List.of(OS, LIBRARIES, APP);
        private List<Digest> baseDiffIds = List.of(OS, LIBRARIES);
        private SignatureSource signatures = SignatureSource.NONE;

        @Override
        public List<Digest> diffIds() {
            return diffIds;
        }

        @Override
        public Optional<BaseImage> find(ImageReference reference) {
            asked.add(reference.toString());
            return reference.name().equals("base.example/os")
                    ? Optional.of(new BaseImage(
                            Subjects.docker(reference, BASE_MANIFEST, Optional.empty(), LayerEncryption.NONE),
                            baseDiffIds,
                            signatures))
                    : Optional.empty();
        }
    }

    private Bases signedBase() throws Exception {
        Bases bases = new Bases();
        StoredSignature signature = key.attachment(BASE_MANIFEST, BASE_NAME);
        bases.signatures = Subjects.attachments(on -> on.equals(BASE_MANIFEST) ? List.of(signature) : List.of());
        return bases;
    }

    /** The application's scope wants a signed base; the base's own scope is this list. */
    private static Policy wanting(String identity, String baseScope) throws Exception {
        return policy("{'default':[{'type':'reject'}],'transports':{'docker':{"
                + "'registry.example':[{'type':'signedBaseLayer','baseLayerIdentity':" + identity + "}],"
                + "'base.example':[" + baseScope + "]}},"
                + "'bulla':{'version':1,'matrix':{'unencryptedUnsigned':{'allow':true}}}}");
    }

    private Policy signedBy(String identity) throws Exception {
        return wanting(identity, sigstoreSigned(key, "{'type':'matchRepository'}"));
    }

    private static PolicySubject builtOn(String name) {
        return Subjects.annotated(image(), Map.of(BaseLayerEvaluation.NAME_ANNOTATION, name));
    }

    private static PolicySubject builtOn(String name, Digest digest) {
        return Subjects.annotated(
                image(),
                Map.of(
                        BaseLayerEvaluation.NAME_ANNOTATION,
                        name,
                        BaseLayerEvaluation.DIGEST_ANNOTATION,
                        digest.toString()));
    }

    private static AcceptedDecision accepted(Policy policy, PolicySubject image, BaseImages bases) throws Exception {
        return new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now())
                .evaluate(image, SignatureSource.NONE, bases)
                .afterKeys(List.of());
    }

    private static RejectedDecision rejected(Policy policy, PolicySubject image, BaseImages bases) {
        PolicyRejectedException e = catchThrowableOfType(
                PolicyRejectedException.class,
                () -> new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now())
                        .evaluate(image, SignatureSource.NONE, bases));
        assertThat(e).isNotNull();
        assertThat(e).hasMessageNotContaining("\n");
        return e.decision();
    }

    @Test
    void decide_signedBaseBelow_acceptedButNotSigned() throws Exception {
        Bases bases = signedBase();
        AcceptedDecision decision = accepted(signedBy(EXACT_BASE), image(), bases);
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
        assertThat(decision.reason())
                .isEqualTo("the image's first 2 of 3 layers are those of the base image base.example/os:1, which is"
                        + " signed");
        assertThat(bases.asked).containsExactly(BASE_NAME);
        assertThat(decision.toText())
                .contains("requirement 1.1, sigstoreSigned: allow: ")
                .contains("    base signature 1: accept: ");
    }

    @Test
    void decide_sameLayersAsTheBase_accepted() throws Exception {
        Bases bases = signedBase();
        bases.diffIds = bases.baseDiffIds;
        accepted(signedBy(EXACT_BASE), image(), bases);
    }

    @Test
    void decide_otherLayersBelow_refused() throws Exception {
        for (List<Digest> layers :
                List.of(List.of(LIBRARIES, OS, APP), List.of(OS), List.of(APP, OS, LIBRARIES), List.<Digest>of())) {
            Bases bases = signedBase();
            bases.diffIds = layers;
            assertThat(rejected(signedBy(EXACT_BASE), image(), bases).reason())
                    .isEqualTo("signedBaseLayer: the image's " + layers.size()
                            + " layers do not begin with the 2 of its base image base.example/os:1");
        }
    }

    @Test
    void decide_baseWithoutLayers_refused() throws Exception {
        Bases bases = signedBase();
        bases.baseDiffIds = List.of();
        rejected(signedBy(EXACT_BASE), image(), bases);
    }

    @Test
    void decide_baseNotSigned_refusedWithItsOwnReason() throws Exception {
        RejectedDecision decision = rejected(signedBy(EXACT_BASE), image(), new Bases());
        assertThat(decision.reason())
                .isEqualTo("signedBaseLayer: the base image base.example/os:1 is refused, sigstoreSigned: the image has"
                        + " no sigstore signature");
        assertThat(decision.requirements().getFirst().children()).hasSize(1);
    }

    @Test
    void decide_baseAcceptedWithoutASignature_refused() throws Exception {
        assertThat(rejected(wanting(EXACT_BASE, Judging.ANYTHING), image(), signedBase())
                        .reason())
                .contains("asks for no signature");
    }

    @Test
    void decide_noSourceOfBases_refused() throws Exception {
        assertThat(rejected(signedBy(EXACT_BASE), image(), BaseImages.NONE).reason())
                .isEqualTo("signedBaseLayer: the base image base.example/os:1 is not to be had");
    }

    @Test
    void decide_baseOfTheBase_notLookedFor() throws Exception {
        Bases bases = signedBase();
        Policy policy = wanting(
                EXACT_BASE,
                "{'type':'signedBaseLayer','baseLayerIdentity':{'type':'exactReference','dockerReference':"
                        + "'base.example/os:0'}}");
        assertThat(rejected(policy, image(), bases).reason()).contains("base.example/os:0 is not to be had");
        assertThat(bases.asked).containsExactly(BASE_NAME);
    }

    @Test
    void decide_baseRevoked_refused() throws Exception {
        Policy policy = policy("{'default':[{'type':'signedBaseLayer','baseLayerIdentity':" + EXACT_BASE
                + "}],'transports':{'docker':{'base.example':[" + sigstoreSigned(key, "{'type':'matchRepository'}")
                + "]}},'bulla':{'version':1,'revoked':{'listVersion':1,'digests':['" + BASE_MANIFEST + "']}}}");
        assertThat(rejected(policy, image(), signedBase()).reason())
                .contains("is refused, revoked: the manifest " + BASE_MANIFEST + " is revoked");
    }

    // Which base.

    @Test
    void name_ofTheAnnotation_asked() throws Exception {
        Bases bases = signedBase();
        accepted(
                signedBy("{'type':'exactRepository','dockerRepository':'base.example/os'}"), builtOn(BASE_NAME), bases);
        assertThat(bases.asked).containsExactly(BASE_NAME);
    }

    @Test
    void name_withTheAnnotationsDigest_askedByDigest() throws Exception {
        Bases bases = signedBase();
        accepted(
                signedBy("{'type':'exactRepository','dockerRepository':'base.example/os'}"),
                builtOn(BASE_NAME, BASE_MANIFEST),
                bases);
        assertThat(bases.asked).containsExactly(BASE_NAME + "@" + BASE_MANIFEST);
    }

    @Test
    void name_exactReference_whateverTheAnnotationsSay() throws Exception {
        Bases bases = signedBase();
        accepted(signedBy(EXACT_BASE), builtOn("evil.example/os:1", MANIFEST), bases);
        assertThat(bases.asked).containsExactly(BASE_NAME);
    }

    @ParameterizedTest
    @CsvSource({"evil.example/os:1", "base.example/os/x:1", "base.example:5000/os:1", "Not a name"})
    void name_notByTheRule_nobodyIsAsked(String name) throws Exception {
        Bases bases = signedBase();
        rejected(signedBy("{'type':'exactRepository','dockerRepository':'base.example/os'}"), builtOn(name), bases);
        assertThat(bases.asked).isEmpty();
    }

    @Test
    void name_matchRepository_isTheImagesOwn() throws Exception {
        Bases bases = signedBase();
        assertThat(rejected(signedBy("{'type':'matchRepository'}"), builtOn(BASE_NAME), bases)
                        .reason())
                .contains("matchRepository: signed is base.example/os:1, expected a name of the repository"
                        + " registry.example/app");
        assertThat(bases.asked).isEmpty();
    }

    @Test
    void name_noAnnotation_refused() throws Exception {
        assertThat(rejected(
                                signedBy("{'type':'exactRepository','dockerRepository':'base.example/os'}"),
                                image(),
                                signedBase())
                        .reason())
                .contains("no annotation org.opencontainers.image.base.name");
    }

    @Test
    void name_digestsThatDisagree_refused() throws Exception {
        Bases bases = signedBase();
        assertThat(rejected(
                                signedBy("{'type':'exactRepository','dockerRepository':'base.example/os'}"),
                                builtOn(BASE_NAME + "@" + MANIFEST, BASE_MANIFEST),
                                bases)
                        .reason())
                .contains("but the base image is called");
        assertThat(bases.asked).isEmpty();
    }

    @Test
    void name_malformedDigest_refused() throws Exception {
        PolicySubject image = Subjects.annotated(
                image(),
                Map.of(
                        BaseLayerEvaluation.NAME_ANNOTATION,
                        BASE_NAME,
                        BaseLayerEvaluation.DIGEST_ANNOTATION,
                        "sha256:x"));
        assertThat(rejected(
                                signedBy("{'type':'exactRepository','dockerRepository':'base.example/os'}"),
                                image,
                                signedBase())
                        .reason())
                .contains("the annotation org.opencontainers.image.base.digest");
    }
}
