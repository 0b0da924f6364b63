package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.policy;
import static dev.bulla.policy.PolicyText.requiring;
import static dev.bulla.policy.PolicyText.sigstoreSigned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.signature.VerificationKeyTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyEvaluatorTest {
    private static final Digest MANIFEST = digest("manifest");
    private static final Digest INDEX = digest("index");
    private static final String NAME = "registry.example/app:1";
    private static final String EXACT = "{'type':'matchExact'}";
    private static final ResourceSource NO_RESOURCES = (uri, limit) -> {
        throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
    };

    private SigningKey key = new SigningKey(new java.security.KeyPair(null, null), "none");
    private SigningKey otherKey = key;

    private static Digest digest(String text) {
        return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @BeforeAll
    void makeKeys() throws Exception {
        key = SigningKey.ec("secp256r1");
        otherKey = SigningKey.ec("secp256r1");
    }

    private static PolicySubject subject(String name, LayerEncryption encryption) throws Exception {
        return Subjects.docker(ImageReference.parse(name), MANIFEST, Optional.empty(), encryption);
    }

    private static PolicySubject plain() throws Exception {
        return subject(NAME, LayerEncryption.NONE);
    }

    private static PolicySubject ofIndex() throws Exception {
        return Subjects.docker(ImageReference.parse(NAME), MANIFEST, Optional.of(INDEX), LayerEncryption.NONE);
    }

    private static SignatureSource on(Digest object, StoredSignature... attachments) {
        return Subjects.attachments(signedObject -> signedObject.equals(object) ? List.of(attachments) : List.of());
    }

    private static AcceptedDecision accepted(Policy policy, PolicySubject subject, SignatureSource signatures)
            throws Exception {
        return new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now())
                .evaluate(subject, signatures)
                .afterKeys(List.of());
    }

    private static RejectedDecision rejected(Policy policy, PolicySubject subject, SignatureSource signatures) {
        return rejected(new PolicyEvaluator(policy, NO_RESOURCES, Clocks.now()), subject, signatures);
    }

    private static RejectedDecision rejected(
            PolicyEvaluator evaluator, PolicySubject subject, SignatureSource signatures) {
        PolicyRejectedException e =
                catchThrowableOfType(PolicyRejectedException.class, () -> evaluator.evaluate(subject, signatures));
        assertThat(e).isNotNull();
        assertThat(e)
                .hasMessageNotContaining("\n")
                .hasMessageContaining(e.decision().reason());
        return e.decision();
    }

    private void signatureFails(SignatureCheck check, StoredSignature attachment) throws Exception {
        RejectedDecision decision = rejected(requiring(sigstoreSigned(key, EXACT)), plain(), on(MANIFEST, attachment));
        assertThat(decision.requirements()).singleElement().satisfies(requirement -> {
            assertThat(requirement.outcome()).isEqualTo(RequirementOutcome.DENY);
            assertThat(requirement.signatures()).singleElement().satisfies(signature -> {
                assertThat(signature.failed()).contains(check);
                assertThat(signature.number()).isEqualTo(1);
                assertThat(signature.signedObject()).isEqualTo(MANIFEST);
            });
        });
        assertThat(decision.matrix()).isEmpty();
    }

    // Signatures, one step after the other.

    static List<SigningKey> keys() throws Exception {
        return VerificationKeyTest.keys();
    }

    @ParameterizedTest
    @MethodSource("keys")
    void evaluate_signedByTheKey_accepted(SigningKey signer) throws Exception {
        AcceptedDecision decision = accepted(
                requiring(sigstoreSigned(signer, EXACT)), plain(), on(MANIFEST, signer.attachment(MANIFEST, NAME)));
        assertThat(decision.scope()).isEqualTo("default");
        assertThat(decision.requirements()).singleElement().satisfies(requirement -> {
            assertThat(requirement.type()).isEqualTo("sigstoreSigned");
            assertThat(requirement.outcome()).isEqualTo(RequirementOutcome.ALLOW);
            assertThat(requirement.reason()).contains("sha256:").contains(NAME).contains("matchExact");
        });
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void evaluate_noSignature_refused() throws Exception {
        assertThat(rejected(requiring(sigstoreSigned(key, EXACT)), plain(), SignatureSource.NONE)
                        .reason())
                .isEqualTo("sigstoreSigned: the image has no sigstore signature");
    }

    @Test
    void evaluate_otherMediaType_refused() throws Exception {
        StoredSignature good = key.attachment(MANIFEST, NAME);
        signatureFails(
                SignatureCheck.MEDIA_TYPE, StoredSignature.attachment("text/plain", good.bytes(), good.annotations()));
    }

    @Test
    void evaluate_payloadAtTheLimit_looksAtTheSignature() throws Exception {
        signatureFails(SignatureCheck.PAYLOAD, key.attachment(new byte[SignatureSource.MAX_SIGNATURE_LENGTH]));
    }

    @Test
    void evaluate_payloadOverTheLimit_refused() throws Exception {
        signatureFails(SignatureCheck.LENGTH, key.attachment(new byte[SignatureSource.MAX_SIGNATURE_LENGTH + 1]));
    }

    @Test
    void evaluate_noSignatureAnnotation_refused() throws Exception {
        StoredSignature good = key.attachment(MANIFEST, NAME);
        signatureFails(SignatureCheck.ANNOTATION, StoredSignature.attachment(good.mediaType(), good.bytes(), Map.of()));
    }

    private static StoredSignature withSignature(StoredSignature attachment, String signature) {
        return StoredSignature.attachment(
                attachment.mediaType(), attachment.bytes(), Map.of(StoredSignature.SIGNATURE_ANNOTATION, signature));
    }

    @Test
    void evaluate_signatureIsNotBase64_refused() throws Exception {
        signatureFails(SignatureCheck.ANNOTATION, withSignature(key.attachment(MANIFEST, NAME), "not base64"));
    }

    @Test
    void evaluate_signatureTextAtAndOverTheLimit_refusedForWhatItIs() throws Exception {
        StoredSignature good = key.attachment(MANIFEST, NAME);
        signatureFails(
                SignatureCheck.SIGNATURE, withSignature(good, "A".repeat(SigstoreSignedEvaluation.MAX_SIGNATURE_TEXT)));
        signatureFails(
                SignatureCheck.LENGTH,
                withSignature(good, "A".repeat(SigstoreSignedEvaluation.MAX_SIGNATURE_TEXT + 4)));
    }

    @Test
    void evaluate_signedByAnotherKey_refused() throws Exception {
        signatureFails(SignatureCheck.SIGNATURE, otherKey.attachment(MANIFEST, NAME));
    }

    @Test
    void evaluate_payloadChangedAfterSigning_refused() throws Exception {
        StoredSignature good = key.attachment(MANIFEST, NAME);
        signatureFails(
                SignatureCheck.SIGNATURE,
                StoredSignature.attachment(
                        good.mediaType(), SigningKey.payload(MANIFEST, "registry.example/app:2"), good.annotations()));
    }

    @Test
    void evaluate_payloadOfAnotherShape_refused() throws Exception {
        signatureFails(SignatureCheck.PAYLOAD, key.attachment("{}".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void evaluate_anotherImagesSignature_refused() throws Exception {
        signatureFails(SignatureCheck.DIGEST, key.attachment(INDEX, NAME));
    }

    @Test
    void evaluate_signedUnderAnotherName_refused() throws Exception {
        signatureFails(SignatureCheck.IDENTITY, key.attachment(MANIFEST, "registry.example/other:1"));
        signatureFails(SignatureCheck.IDENTITY, key.attachment(MANIFEST, "registry.example/app:2"));
        signatureFails(SignatureCheck.IDENTITY, key.attachment(MANIFEST, "registry.example/app"));
    }

    @Test
    void evaluate_oneGoodSignatureAmongBad_acceptedAndTheBadAreNamed() throws Exception {
        AcceptedDecision decision = accepted(
                requiring(sigstoreSigned(key, EXACT)),
                plain(),
                on(
                        MANIFEST,
                        otherKey.attachment(MANIFEST, NAME),
                        key.attachment(INDEX, NAME),
                        key.attachment(MANIFEST, NAME)));
        assertThat(decision.requirements().getFirst().signatures())
                .extracting(SignatureDecision::failed)
                .containsExactly(
                        Optional.of(SignatureCheck.SIGNATURE), Optional.of(SignatureCheck.DIGEST), Optional.empty());
    }

    @Test
    void evaluate_signedIndex_accepted() throws Exception {
        AcceptedDecision decision =
                accepted(requiring(sigstoreSigned(key, EXACT)), ofIndex(), on(INDEX, key.attachment(INDEX, NAME)));
        assertThat(decision.toText()).contains("index signature 1: accept");
    }

    @Test
    void evaluate_indexSignedButNotLinked_refused() throws Exception {
        assertThat(rejected(requiring(sigstoreSigned(key, EXACT)), plain(), on(INDEX, key.attachment(INDEX, NAME)))
                        .reason())
                .contains("no sigstore signature");
    }

    @Test
    void evaluate_indexSignatureStoredForTheManifest_refused() throws Exception {
        RejectedDecision decision =
                rejected(requiring(sigstoreSigned(key, EXACT)), ofIndex(), on(MANIFEST, key.attachment(INDEX, NAME)));
        assertThat(decision.requirements().getFirst().signatures())
                .extracting(SignatureDecision::failed)
                .containsExactly(Optional.of(SignatureCheck.DIGEST));
    }

    @Test
    void evaluate_signaturesAtTheLimit_accepted() throws Exception {
        List<StoredSignature> attachments = new ArrayList<>(
                Collections.nCopies(SignatureSource.MAX_SIGNATURES - 1, otherKey.attachment(MANIFEST, NAME)));
        attachments.add(key.attachment(MANIFEST, NAME));
        assertThat(accepted(requiring(sigstoreSigned(key, EXACT)), plain(), (kind, object) -> attachments)
                        .requirements()
                        .getFirst()
                        .signatures())
                .hasSize(SignatureSource.MAX_SIGNATURES);
    }

    @Test
    void evaluate_signaturesOverTheLimit_refusedUnread() throws Exception {
        List<StoredSignature> attachments =
                Collections.nCopies(SignatureSource.MAX_SIGNATURES + 1, key.attachment(MANIFEST, NAME));
        assertThat(rejected(requiring(sigstoreSigned(key, EXACT)), plain(), (kind, object) -> attachments)
                        .reason())
                .contains("129 signatures on " + MANIFEST + ", limit 128");
    }

    @Test
    void evaluate_twoRequirements_sourceAskedOnce() throws Exception {
        List<Digest> asked = new ArrayList<>();
        List<StoredSignature> attachments = List.of(key.attachment(MANIFEST, NAME));
        accepted(
                policy("{'default':[" + sigstoreSigned(key, EXACT) + ","
                        + sigstoreSigned(key, "{'type':'matchRepository'}") + "]}"),
                plain(),
                (kind, signedObject) -> {
                    asked.add(signedObject);
                    return attachments;
                });
        assertThat(asked).containsExactly(MANIFEST);
    }

    @Test
    void evaluate_sourceCannotSay_notDecided() throws Exception {
        PolicyEvaluator evaluator =
                new PolicyEvaluator(requiring(sigstoreSigned(key, EXACT)), NO_RESOURCES, Clocks.now());
        PolicySubject subject = plain();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> evaluator.evaluate(subject, (kind, signedObject) -> {
                    throw new IOException("unreachable");
                }))
                .withMessage("unreachable");
    }

    @Test
    void evaluate_layout_exactReferenceOnly() throws Exception {
        PolicySubject subject =
                Subjects.ociLayout(Path.of("/images/app"), MANIFEST, Optional.empty(), LayerEncryption.NONE);
        SignatureSource signatures = on(MANIFEST, key.attachment(MANIFEST, NAME));
        String exact = "{'type':'exactReference','dockerReference':'" + NAME + "'}";
        String scoped =
                "{'default':[{'type':'reject'}],'transports':{'oci':{'/images':[" + sigstoreSigned(key, exact) + "]}}}";
        assertThat(accepted(policy(scoped), subject, signatures).scope()).isEqualTo("oci:/images");
        assertThat(rejected(requiring(sigstoreSigned(key, EXACT)), subject, signatures)
                        .reason())
                .contains("needs an image with a registry's name");
    }

    // Keys.

    @Test
    void evaluate_severalKeyDatas_anyOne() throws Exception {
        String requirement = "{'type':'sigstoreSigned','keyDatas':['" + otherKey.keyData() + "','" + key.keyData()
                + "'],'signedIdentity':" + EXACT + "}";
        assertThat(accepted(requiring(requirement), plain(), on(MANIFEST, key.attachment(MANIFEST, NAME)))
                        .reason())
                .contains("$.default[0].keyDatas[1]");
    }

    @Test
    void evaluate_oneOfSeveralKeysUnreadable_refused() throws Exception {
        String requirement =
                "{'type':'sigstoreSigned','keyDatas':['" + key.keyData() + "','YWJj'],'signedIdentity':" + EXACT + "}";
        assertThat(rejected(requiring(requirement), plain(), on(MANIFEST, key.attachment(MANIFEST, NAME)))
                        .reason())
                .contains("keyDatas[1]")
                .contains("expected a PEM block");
    }

    @Test
    void evaluate_emptyKeyData_refused() throws Exception {
        String requirement = "{'type':'sigstoreSigned','keyData':''}";
        assertThat(rejected(requiring(requirement), plain(), on(MANIFEST, key.attachment(MANIFEST, NAME)))
                        .reason())
                .contains("expected a PEM block");
    }

    @Test
    void evaluate_keyPathRelative_fromTheBaseFolder(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("a key.pub"), key.pem());
        Policy policy = requiring("{'type':'sigstoreSigned','keyPath':'a key.pub','signedIdentity':" + EXACT + "}");
        SignatureSource signatures = on(MANIFEST, key.attachment(MANIFEST, NAME));
        assertThat(new PolicyEvaluator(policy, new FileResources(), Clocks.now(), folder)
                        .evaluate(plain(), signatures)
                        .afterKeys(List.of())
                        .outcome())
                .isEqualTo("accept");
        assertThat(rejected(new PolicyEvaluator(policy, new FileResources(), Clocks.now()), plain(), signatures)
                        .reason())
                .contains("\"a key.pub\" is relative");
    }

    @Test
    void evaluate_keyPathOfTheKbs_asked() throws Exception {
        Policy policy = requiring(
                "{'type':'sigstoreSigned','keyPath':'kbs:///default/key/image','signedIdentity':" + EXACT + "}");
        List<String> asked = new ArrayList<>();
        ResourceSource resources = (uri, limit) -> {
            asked.add(uri.toString());
            return key.pem();
        };
        SignatureSource signatures = on(MANIFEST, key.attachment(MANIFEST, NAME));
        assertThat(new PolicyEvaluator(policy, resources, Clocks.now())
                        .evaluate(plain(), signatures)
                        .signed())
                .isTrue();
        assertThat(asked).containsExactly("kbs:///default/key/image");
        assertThat(rejected(policy, plain(), signatures).reason())
                .contains("the key is not to be had: kbs:///default/key/image: there are none");
        assertThat(rejected(policy, plain(), SignatureSource.NONE).reason()).contains("no sigstore signature");
    }

    @Test
    void evaluate_keyOverTheLimit_refused() throws Exception {
        Policy policy = requiring("{'type':'sigstoreSigned','keyPath':'/k','signedIdentity':" + EXACT + "}");
        SignatureSource signatures = on(MANIFEST, key.attachment(MANIFEST, NAME));
        PolicyEvaluator evaluator =
                new PolicyEvaluator(policy, (uri, limit) -> new byte[KeyMaterialReader.MAX_LENGTH + 1], Clocks.now());
        assertThat(rejected(evaluator, plain(), signatures).reason())
                .contains("the key file:///k has 262145 bytes, limit 262144");
    }

    // Requirements.

    @Test
    void evaluate_oneOfTwoRequirementsFails_refusedAndBothReported() throws Exception {
        RejectedDecision decision = rejected(
                policy("{'default':[{'type':'reject'}," + sigstoreSigned(key, EXACT) + "]}"),
                plain(),
                on(MANIFEST, key.attachment(MANIFEST, NAME)));
        assertThat(decision.requirements())
                .extracting(RequirementDecision::outcome)
                .containsExactly(RequirementOutcome.DENY, RequirementOutcome.ALLOW);
        assertThat(decision.reason()).startsWith("reject: ");
    }

    // The matrix.

    @Test
    void evaluate_plainUnsigned_refusedWithTheLineThatAllowsIt() throws Exception {
        Policy policy = requiring("{'type':'insecureAcceptAnything'}");
        RejectedDecision decision = rejected(policy, plain(), SignatureSource.NONE);
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
        assertThat(decision.reason())
                .contains("\"bulla\": {\"version\": 1, \"matrix\": {\"unencryptedUnsigned\": {\"allow\": true}}}");
        Policy allowed = policy("{'default':[{'type':'insecureAcceptAnything'}],"
                + MatrixCell.UNENCRYPTED_UNSIGNED.lineThatAllows() + "}");
        assertThat(accepted(allowed, plain(), SignatureSource.NONE).outcome()).isEqualTo("accept");
    }

    @Test
    void evaluate_unsignedWithSignaturesNobodyAskedFor_staysUnsigned() throws Exception {
        RejectedDecision decision = rejected(
                requiring("{'type':'insecureAcceptAnything'}"), plain(), on(MANIFEST, key.attachment(MANIFEST, NAME)));
        assertThat(decision.matrix().orElseThrow().signed()).isFalse();
    }

    @Test
    void evaluate_mixedLayers_theWeakestDecides() throws Exception {
        PolicySubject mixed = subject(NAME, LayerEncryption.SOME);
        assertThat(rejected(requiring("{'type':'insecureAcceptAnything'}"), mixed, SignatureSource.NONE)
                        .matrix()
                        .orElseThrow()
                        .cell())
                .isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
        assertThat(new PolicyEvaluator(requiring(sigstoreSigned(key, EXACT)), NO_RESOURCES, Clocks.now())
                        .evaluate(mixed, on(MANIFEST, key.attachment(MANIFEST, NAME)))
                        .afterKeys(List.of(new OpenedWrap("jwe", false)))
                        .matrix()
                        .orElseThrow()
                        .cell())
                .isEqualTo(MatrixCell.UNENCRYPTED_SIGNED);
    }

    @Test
    void evaluate_everyCellSwitchedOff_refused() throws Exception {
        for (MatrixCell cell : MatrixCell.values()) {
            boolean signed = cell == MatrixCell.ENCRYPTED_SIGNED || cell == MatrixCell.UNENCRYPTED_SIGNED;
            boolean encrypted = cell == MatrixCell.ENCRYPTED_SIGNED || cell == MatrixCell.ENCRYPTED_UNSIGNED;
            Policy policy = requiring(signed ? sigstoreSigned(key, EXACT) : "{'type':'insecureAcceptAnything'}")
                    .withMatrix(Matrix.of(Map.of(cell, false)));
            RejectedDecision decision = rejected(
                    policy,
                    subject(NAME, encrypted ? LayerEncryption.ALL : LayerEncryption.NONE),
                    on(MANIFEST, key.attachment(MANIFEST, NAME)));
            assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(cell);
            assertThat(decision.reason()).contains(cell.lineThatAllows());
        }
    }
}
