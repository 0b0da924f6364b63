package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.SigningKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the matrix says of images: expected ones, required layers, wraps, and what a decision tells of it. */
class MatrixEvaluationTest {
    private static final Digest MANIFEST = digest("manifest");
    private static final Digest CONFIG = digest("config");
    private static final Digest IMAGE = digest("image");
    private static final Digest OTHER = digest("other");
    private static final OpenedWrap PINNED = new OpenedWrap("provider.attestation-agent", true);
    private static final OpenedWrap JWE = new OpenedWrap("jwe", false);
    private static final String ANYTHING = "{'type':'insecureAcceptAnything'}";
    private static final ResourceSource NO_RESOURCES = (uri, limit) -> {
        throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
    };

    private static Digest digest(String text) {
        return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static PolicySubject subject(Boolean... encrypted) throws Exception {
        return new PolicySubject(
                new ImageName.Registry(ImageReference.parse("registry.example/app:1")),
                Descriptor.of(MediaTypes.OCI_MANIFEST, MANIFEST, 1000),
                Optional.empty(),
                Optional.of(CONFIG),
                Arrays.asList(encrypted),
                Map.of());
    }

    private static Policy policy(String requirement, String matrix) throws Exception {
        return PolicyText.policy("{'default':[" + requirement + "],'bulla':{'version':1,'matrix':{" + matrix + "}}}");
    }

    private static Policy expecting(String expect, String... more) throws Exception {
        return policy(
                ANYTHING,
                "'encryptedUnsigned':{'allow':true,'expect':" + expect + "}"
                        + (more.length == 0 ? "" : "," + String.join(",", more)));
    }

    private static String list(String kind, Digest... digests) {
        return "{'" + kind + "':['"
                + String.join(
                        "','", Arrays.stream(digests).map(Digest::toString).toList()) + "']}";
    }

    private static PendingDecision pending(Policy policy, PolicySubject subject) throws Exception {
        return new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now()).evaluate(subject, SignatureSource.NONE);
    }

    private static RejectedDecision rejected(Policy policy, PolicySubject subject) {
        return catchThrowableOfType(PolicyRejectedException.class, () -> pending(policy, subject))
                .decision();
    }

    private static String json(Decision decision, String member) throws Exception {
        return JsonCursor.parse(JsonWriter.compact(decision.toJson()))
                .object()
                .required(member)
                .string();
    }

    // Expected images.

    @Test
    void evaluate_noExpectation_configUnauthenticated() throws Exception {
        AcceptedDecision decision =
                pending(policy(ANYTHING, ""), subject(true, true)).afterKeys(List.of(PINNED, PINNED));
        assertThat(json(decision, "config")).isEqualTo("unauthenticated");
        assertThat(decision.matrix().orElseThrow().expected()).isEmpty();
        assertThat(decision.requiredComposefs()).isEmpty();
        assertThat(decision.toText()).contains("config: unauthenticated\n").contains("secured image: no\n");
    }

    @ParameterizedTest
    @CsvSource({"manifests, MANIFEST", "configs, CONFIG"})
    void evaluate_documentIsListed_configAuthenticatedUnderAnyWrap(String kind, ExpectedBy by) throws Exception {
        Policy policy = expecting(list(kind, OTHER, by == ExpectedBy.MANIFEST ? MANIFEST : CONFIG));
        for (OpenedWrap wrap : List.of(PINNED, JWE)) {
            AcceptedDecision decision = pending(policy, subject(true)).afterKeys(List.of(wrap));
            assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.ENCRYPTED_UNSIGNED);
            assertThat(decision.matrix().orElseThrow().expected()).contains(by);
            assertThat(decision.requiredComposefs()).isEmpty();
            assertThat(decision.afterImage(OTHER)).isSameAs(decision);
            assertThat(json(decision, "config")).isEqualTo("authenticated");
            assertThat(JsonWriter.compact(decision.toJson()))
                    .contains("\"expected\":\"" + by.id() + "\"")
                    .contains("\"secured\":false");
            assertThat(decision.toText()).contains("config: authenticated\n").contains("lists");
        }
    }

    @Test
    void evaluate_documentsAreNotListed_refusedBeforeKeysAndWhatDiffersIsNamed() throws Exception {
        RejectedDecision decision =
                rejected(expecting("{'manifests':['" + OTHER + "'],'configs':['" + IMAGE + "']}"), subject(true, true));
        assertThat(decision.reason())
                .contains("matrix: encryptedUnsigned.expect: the image is none that is expected")
                .contains("got manifest " + MANIFEST + ", expected " + OTHER)
                .contains("got config " + CONFIG + ", expected " + IMAGE);
        assertThat(json(decision, "config")).isEqualTo("unauthenticated");
    }

    @Test
    void evaluate_manyListed_refusalShowsSome() throws Exception {
        assertThat(rejected(expecting(list("manifests", OTHER, IMAGE, digest("1"), digest("2"))), subject(true))
                        .reason())
                .contains(" or one of 2 more")
                .doesNotContain("config");
    }

    /** A manifest's digest in the list of configurations is no word about the manifest, and the reverse. */
    @Test
    void evaluate_listedAsAnotherKind_refused() throws Exception {
        assertThat(rejected(expecting(list("manifests", CONFIG)), subject(true)).reason())
                .contains("got manifest");
        assertThat(rejected(expecting(list("configs", MANIFEST)), subject(true)).reason())
                .contains("got config");
    }

    @Test
    void afterImage_composefsIsListed_acceptedAndTheConfigStaysUnauthenticated() throws Exception {
        AcceptedDecision decision = pending(expecting(list("composefs", OTHER, IMAGE)), subject(true))
                .afterKeys(List.of(PINNED));
        assertThat(decision.requiredComposefs().orElseThrow().digests()).containsExactlyInAnyOrder(OTHER, IMAGE);
        AcceptedDecision made = decision.afterImage(IMAGE);
        assertThat(made.requiredComposefs()).isEmpty();
        assertThat(made.matrix().orElseThrow().expected()).contains(ExpectedBy.COMPOSEFS);
        assertThat(json(made, "config")).isEqualTo("unauthenticated");
    }

    @Test
    void afterImage_composefsIsNotListed_refusedAndNamed() throws Exception {
        AcceptedDecision decision =
                pending(expecting(list("composefs", IMAGE)), subject(true)).afterKeys(List.of(PINNED));
        PolicyRejectedException e =
                catchThrowableOfType(PolicyRejectedException.class, () -> decision.afterImage(OTHER));
        assertThat(e)
                .hasMessageContaining("got composefs " + OTHER + ", expected " + IMAGE)
                .hasMessageNotContaining("\n");
        assertThat(e.decision().matrix().orElseThrow().allowed()).isFalse();
        assertThat(e.decision().matrix().orElseThrow().expected()).isEmpty();
    }

    /** Its files are expected, but anybody can have put another configuration beside them. */
    @Test
    void afterKeys_composefsListedUnderAPublicKeyWrap_judgedAsPlain() throws Exception {
        PendingDecision pending = pending(expecting(list("composefs", IMAGE)), subject(true));
        assertThat(catchThrowableOfType(PolicyRejectedException.class, () -> pending.afterKeys(List.of(JWE)))
                        .decision()
                        .matrix()
                        .orElseThrow()
                        .cell())
                .isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
        AcceptedDecision allowed = pending(
                        expecting(list("composefs", IMAGE), "'unencryptedUnsigned':{'allow':true}"), subject(true))
                .afterKeys(List.of(JWE));
        assertThat(allowed.requiredComposefs()).isPresent();
    }

    @Test
    void evaluate_documentListedBesideComposefs_nothingIsLeftToRequire() throws Exception {
        AcceptedDecision decision = pending(
                        expecting("{'configs':['" + CONFIG + "'],'composefs':['" + OTHER + "']}"), subject(true))
                .afterKeys(List.of(PINNED));
        assertThat(decision.requiredComposefs()).isEmpty();
    }

    @Test
    void evaluate_twoExpectations_bothMustHold() throws Exception {
        Policy own = expecting("{'manifests':['" + MANIFEST + "'],'composefs':['" + OTHER + "']}");
        Matrix other = expecting(list("manifests", OTHER)).matrix();
        assertThat(rejected(own.withMatrix(other), subject(true)).reason()).contains("got manifest " + MANIFEST);
        AcceptedDecision decision = pending(
                        own.withMatrix(
                                expecting(list("composefs", IMAGE, OTHER)).matrix()),
                        subject(true))
                .afterKeys(List.of(JWE));
        assertThat(json(decision, "config")).isEqualTo("authenticated");
        assertThat(decision.requiredComposefs().orElseThrow().digests()).containsExactlyInAnyOrder(IMAGE, OTHER);
        assertThat(decision.afterImage(IMAGE).matrix().orElseThrow().expected()).contains(ExpectedBy.MANIFEST);
    }

    @Test
    void evaluate_twoExpectationsOfFiles_theirCommonOnesAreRequired() throws Exception {
        Policy own = expecting(list("composefs", IMAGE, OTHER));
        assertThat(pending(own.withMatrix(expecting(list("composefs", IMAGE)).matrix()), subject(true))
                        .afterKeys(List.of(PINNED))
                        .requiredComposefs()
                        .orElseThrow()
                        .digests())
                .containsExactly(IMAGE);
        assertThat(rejected(own.withMatrix(expecting(list("composefs", CONFIG)).matrix()), subject(true))
                        .reason())
                .contains("no composefs digest stands in every list");
    }

    @Test
    void evaluate_expectationOfSignedOrPlainImages_isNotAsked() throws Exception {
        Policy policy = expecting(list("manifests", OTHER), "'unencryptedUnsigned':{'allow':true}");
        assertThat(pending(policy, subject(false)).afterKeys(List.of()).outcome())
                .isEqualTo("accept");
        SigningKey key = SigningKey.ec("secp256r1");
        Policy signed = policy(
                PolicyText.sigstoreSigned(key, "{'type':'matchExact'}"),
                "'encryptedUnsigned':{'allow':true,'expect':" + list("manifests", OTHER) + "}");
        assertThat(signed(signed, key, subject(true)).afterKeys(List.of(JWE)).outcome())
                .isEqualTo("accept");
    }

    private static PendingDecision signed(Policy policy, SigningKey key, PolicySubject subject) throws Exception {
        return new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now())
                .evaluate(subject, Subjects.attachments(object -> {
                    try {
                        return List.of(key.attachment(object, "registry.example/app:1"));
                    } catch (GeneralSecurityException e) {
                        throw new IllegalStateException(e);
                    }
                }));
    }

    // Where the list of expected images is.

    @Test
    void evaluate_expectOfTheKbs_asked() throws Exception {
        List<String> asked = new ArrayList<>();
        byte[] listed = list("manifests", MANIFEST).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        PolicyEvaluator evaluator = new PolicyEvaluator(
                expecting("'kbs:///tenant/images/expected'"),
                (uri, limit) -> {
                    asked.add(uri.toString());
                    return listed;
                },
                Clocks.now());
        assertThat(evaluator
                        .evaluate(subject(true), SignatureSource.NONE)
                        .afterKeys(List.of(JWE))
                        .outcome())
                .isEqualTo("accept");
        evaluator.evaluate(subject(true), SignatureSource.NONE);
        assertThat(asked).containsExactly("kbs:///tenant/images/expected", "kbs:///tenant/images/expected");
    }

    @Test
    void evaluate_expectOfAFile_fromThePolicysFolderAndReadEachTime(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("expected.json");
        PolicyEvaluator evaluator =
                new PolicyEvaluator(expecting("'expected.json'"), new FileResources(), Clocks.now(), folder);
        Files.writeString(file, list("configs", CONFIG).replace('\'', '"'));
        assertThat(evaluator
                        .evaluate(subject(true), SignatureSource.NONE)
                        .afterKeys(List.of(PINNED))
                        .outcome())
                .isEqualTo("accept");
        Files.writeString(file, list("configs", OTHER).replace('\'', '"'));
        assertThat(catchThrowableOfType(
                        PolicyRejectedException.class, () -> evaluator.evaluate(subject(true), SignatureSource.NONE)))
                .hasMessageContaining("got config " + CONFIG + ", expected " + OTHER);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                      | $: expected manifests, configs or composefs
            []                      | $: got an array
            {"manifests":["x"]}     | $.manifests[0]: digest "x"
            {"manifests":[]}        | $.manifests: the list is empty
            {"a":1}                 | $: unknown key "a"
            {} {}                   | data after the JSON value
            `{"configs":[],"configs":[]}` | duplicate key "configs"
            """)
    void evaluate_expectHoldsSomethingElse_refused(String text, String message) throws Exception {
        PolicyEvaluator evaluator = new PolicyEvaluator(
                expecting("'/e'"), (uri, limit) -> text.getBytes(StandardCharsets.UTF_8), Clocks.now());
        assertThat(catchThrowableOfType(
                        PolicyRejectedException.class, () -> evaluator.evaluate(subject(true), SignatureSource.NONE)))
                .hasMessageContaining("encryptedUnsigned.expect: the list of expected images \"/e\": ")
                .hasMessageContaining(message);
    }

    @Test
    void evaluate_expectIsNotToBeHad_refused() throws Exception {
        assertThat(rejected(expecting("'/e'"), subject(true)).reason())
                .contains("encryptedUnsigned.expect: the list of expected images is not to be had: ")
                .contains("there are none");
        assertThat(rejected(expecting("'e'"), subject(true)).reason())
                .contains("the list of expected images path \"e\" is relative");
    }

    @Test
    void evaluate_expectOverTheLimit_refused() throws Exception {
        PolicyEvaluator evaluator = new PolicyEvaluator(
                expecting("'/e'"), (uri, limit) -> new byte[KeyMaterialReader.MAX_LENGTH + 1], Clocks.now());
        assertThat(catchThrowableOfType(
                        PolicyRejectedException.class, () -> evaluator.evaluate(subject(true), SignatureSource.NONE)))
                .hasMessageContaining("has 262145 bytes, limit 262144");
    }

    // Wraps.

    @Test
    void afterKeys_wrapIsNamed_accepted() throws Exception {
        Policy policy = policy(ANYTHING, "'encryptedUnsigned':{'allow':true,'wraps':['kbs','jwe']}");
        AcceptedDecision decision = pending(policy, subject(true, true)).afterKeys(List.of(PINNED, JWE));
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.ENCRYPTED_UNSIGNED);
        assertThat(json(decision, "config")).isEqualTo("unauthenticated");
    }

    @Test
    void afterKeys_oneOfTheWrapsIsNotNamed_judgedAsPlainAndNamed() throws Exception {
        Policy policy = policy(ANYTHING, "'encryptedUnsigned':{'allow':true,'wraps':['jwe','pgp']}");
        PendingDecision pending = pending(policy, subject(true, true));
        assertThat(catchThrowableOfType(PolicyRejectedException.class, () -> pending.afterKeys(List.of(JWE, PINNED))))
                .hasMessageContaining("\"provider.attestation-agent\"; encryptedUnsigned.wraps admits jwe, pgp")
                .hasMessageNotContaining("proves nothing");
    }

    @Test
    void afterKeys_anyWrap_accepted() throws Exception {
        Policy policy = policy(ANYTHING, "'encryptedUnsigned':{'allow':true,'wraps':['any']}");
        assertThat(pending(policy, subject(true, true))
                        .afterKeys(List.of(JWE, new OpenedWrap("unheard-of", false)))
                        .matrix()
                        .orElseThrow()
                        .cell())
                .isEqualTo(MatrixCell.ENCRYPTED_UNSIGNED);
    }

    // Required layers.

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            'all' | true,true  |
            'all' | true,false | layer 1 is not encrypted, expected all to be
            'all' | false      | layer 0 is not encrypted, expected all to be
            'all' |            | the image has no layers, expected encrypted ones
            [1]   | false,true |
            [1]   | true,true  |
            [1]   | true,false | layer 1 is not encrypted
            [0,2] | true,false,true |
            [0,2] | true,true  | the image has 2 layers, expected an encrypted layer 2
            [0]   |            | the image has 0 layers, expected an encrypted layer 0
            """)
    void evaluate_requiredLayers_narrow(String required, String layers, String refusal) throws Exception {
        Boolean[] encrypted = layers == null
                ? new Boolean[0]
                : Arrays.stream(layers.split(",")).map(Boolean::valueOf).toArray(Boolean[]::new);
        SigningKey key = SigningKey.ec("secp256r1");
        String matrix = "'unencryptedUnsigned':{'allow':true},'requireEncryptedLayers':" + required;
        Policy unsigned = policy(ANYTHING, matrix);
        Policy signed = policy(PolicyText.sigstoreSigned(key, "{'type':'matchExact'}"), matrix);
        if (refusal == null) {
            assertThat(pending(unsigned, subject(encrypted)).signed()).isFalse();
            assertThat(signed(signed, key, subject(encrypted)).signed()).isTrue();
        } else {
            assertThat(rejected(unsigned, subject(encrypted)).reason())
                    .isEqualTo("matrix: requireEncryptedLayers: " + refusal);
            assertThat(catchThrowableOfType(
                                    PolicyRejectedException.class, () -> signed(signed, key, subject(encrypted)))
                            .decision()
                            .reason())
                    .isEqualTo("matrix: requireEncryptedLayers: " + refusal);
        }
    }

    /** What narrows cannot allow. */
    @Test
    void evaluate_requiredLayersMet_theCellStillRefuses() throws Exception {
        assertThat(rejected(policy(ANYTHING, "'requireEncryptedLayers':[0]"), subject(true, false))
                        .reason())
                .contains("some layers are encrypted, of which the weakest decides")
                .contains(MatrixCell.UNENCRYPTED_UNSIGNED.lineThatAllows());
    }

    // What a decision tells.

    @Test
    void decision_securedImage_isSignedAndEveryLayerEncrypted() throws Exception {
        SigningKey key = SigningKey.ec("secp256r1");
        Policy policy =
                policy(PolicyText.sigstoreSigned(key, "{'type':'matchExact'}"), "'unencryptedUnsigned':{'allow':true}");
        Decision secured = signed(policy, key, subject(true, true)).afterKeys(List.of(JWE, JWE));
        assertThat(JsonWriter.compact(secured.toJson())).endsWith(",\"config\":\"authenticated\",\"secured\":true}");
        assertThat(secured.toText()).endsWith("  config: authenticated\n  secured image: yes\n");
        for (Boolean[] layers : new Boolean[][] {{true, false}, {false}, {}}) {
            Decision other =
                    signed(policy, key, subject(layers)).afterKeys(layers.length == 2 ? List.of(JWE) : List.of());
            assertThat(JsonWriter.compact(other.toJson())).endsWith("\"config\":\"authenticated\",\"secured\":false}");
        }
    }

    @Test
    void evaluate_byManyThreadsAtOnce_equalDecisions() throws Exception {
        SigningKey key = SigningKey.ec("secp256r1");
        SigningKey other = SigningKey.ec("secp256r1");
        PolicyEvaluator evaluator = new PolicyEvaluator(
                policy(
                        PolicyText.sigstoreSigned(key, "{'type':'matchExact'}"),
                        "'encryptedUnsigned':{'allow':true,'expect':" + list("manifests", MANIFEST) + "}"),
                NO_RESOURCES,
                Clocks.now());
        int threads = 8;
        CyclicBarrier together = new CyclicBarrier(threads);
        Callable<List<String>> decisions = () -> {
            together.await();
            List<String> told = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                boolean good = i % 2 == 0;
                told.add(told(evaluator, good ? key : other));
            }
            return told;
        };
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<List<String>>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(decisions));
            }
            List<String> first = running.getFirst().get();
            assertThat(first.get(0)).startsWith("{\"decision\":\"accept\"");
            assertThat(first.get(1)).startsWith("{\"decision\":\"reject\"");
            for (Future<List<String>> told : running) {
                assertThat(told.get()).isEqualTo(first);
            }
        }
    }

    private static String told(PolicyEvaluator evaluator, SigningKey key) throws Exception {
        StoredSignature signature = key.attachment(MANIFEST, "registry.example/app:1");
        Decision decision;
        try {
            decision = evaluator
                    .evaluate(subject(true), Subjects.attachments(object -> List.of(signature)))
                    .afterKeys(List.of(PINNED));
        } catch (PolicyRejectedException e) {
            decision = e.decision();
        }
        return JsonWriter.compact(decision.toJson()) + decision.toText();
    }
}
