package dev.bulla.policy;

import static dev.bulla.policy.PolicyText.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.SigningKey;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingDecisionTest {
    private static final OpenedWrap VOUCHED = new OpenedWrap("provider.attestation-agent", true);
    private static final OpenedWrap JWE = new OpenedWrap("jwe", false);

    private static final Digest MANIFEST = Digest.Algorithm.SHA256.of(new byte[] {1});
    private static final String ANYTHING = "{'default':[{'type':'insecureAcceptAnything'}]";

    private static PendingDecision pending(Policy policy, LayerEncryption encryption, SignatureSource signatures)
            throws Exception {
        PolicySubject subject =
                Subjects.docker(ImageReference.parse("busybox:1"), MANIFEST, Optional.empty(), encryption);
        return new PolicyEvaluator(
                        policy,
                        (uri, limit) -> {
                            throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "none");
                        },
                        Clocks.now())
                .evaluate(subject, signatures);
    }

    private static PendingDecision unsigned() throws Exception {
        return pending(policy(ANYTHING + "}"), LayerEncryption.ALL, SignatureSource.NONE);
    }

    @Test
    void afterKeys_unsignedUnderAttestedWraps_accepted() throws Exception {
        AcceptedDecision decision = unsigned().afterKeys(List.of(VOUCHED, VOUCHED));
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.ENCRYPTED_UNSIGNED);
        assertThat(JsonWriter.compact(decision.toJson())).contains("\"config\":\"unauthenticated\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jwe", "pgp", "pkcs7", "pkcs11", "provider", "Provider.x", "", "unknown\n"})
    void afterKeys_unsignedUnderAPublicKeyWrap_refused(String wrap) throws Exception {
        PolicyRejectedException e = catchThrowableOfType(
                PolicyRejectedException.class,
                () -> unsigned().afterKeys(List.of(VOUCHED, new OpenedWrap(wrap, true))));
        assertThat(e)
                .hasMessageNotContaining("\n")
                .hasMessageContaining(MatrixCell.UNENCRYPTED_UNSIGNED.lineThatAllows());
        assertThat(e.decision().matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
        assertThat(e.decision().outcome()).isEqualTo("reject");
    }

    @Test
    void afterKeys_unsignedUnderAKeyOfAnUnpinnedKbs_refused() throws Exception {
        PolicyRejectedException e = catchThrowableOfType(
                PolicyRejectedException.class,
                () -> unsigned().afterKeys(List.of(VOUCHED, new OpenedWrap("provider.attestation-agent", false))));
        assertThat(e).hasMessageContaining("not pinned").hasMessageContaining("unencryptedUnsigned");
        assertThat(e.decision().matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
    }

    @Test
    void afterKeys_unsignedUnderAPublicKeyWrapAndPlainAllowed_accepted() throws Exception {
        Policy policy = policy(ANYTHING + "," + MatrixCell.UNENCRYPTED_UNSIGNED.lineThatAllows() + "}");
        AcceptedDecision decision =
                pending(policy, LayerEncryption.ALL, SignatureSource.NONE).afterKeys(List.of(JWE, JWE));
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
    }

    @Test
    void afterKeys_signedUnderAPublicKeyWrap_accepted() throws Exception {
        SigningKey key = SigningKey.ec("secp256r1");
        PendingDecision pending = pending(
                PolicyText.requiring(PolicyText.sigstoreSigned(key, "{'type':'matchExact'}")),
                LayerEncryption.ALL,
                (kind, object) -> {
                    try {
                        return List.of(key.attachment(object, "busybox:1"));
                    } catch (java.security.GeneralSecurityException e) {
                        throw new java.io.IOException(e);
                    }
                });
        assertThat(pending.signed()).isTrue();
        AcceptedDecision decision = pending.afterKeys(List.of(JWE, JWE));
        assertThat(decision.matrix().orElseThrow().cell()).isEqualTo(MatrixCell.ENCRYPTED_SIGNED);
        assertThat(JsonWriter.compact(decision.toJson())).contains("\"config\":\"authenticated\"");
    }

    @Test
    void afterKeys_noWrapsForAnEncryptedImage_defect() throws Exception {
        PendingDecision pending = unsigned();
        assertThatIllegalArgumentException().isThrownBy(() -> pending.afterKeys(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> pending.afterKeys(List.of(VOUCHED)));
        assertThatIllegalArgumentException().isThrownBy(() -> pending.afterKeys(List.of(VOUCHED, VOUCHED, VOUCHED)));
    }

    @Test
    void afterKeys_wrapsForAPlainImage_defect() throws Exception {
        Policy policy = policy(ANYTHING + "," + MatrixCell.UNENCRYPTED_UNSIGNED.lineThatAllows() + "}");
        PendingDecision pending = pending(policy, LayerEncryption.NONE, SignatureSource.NONE);
        assertThatIllegalArgumentException().isThrownBy(() -> pending.afterKeys(List.of(JWE)));
    }

    @Test
    void layerEncryption_of_countsLayers() {
        assertThat(LayerEncryption.of(0, 0)).isEqualTo(LayerEncryption.NONE);
        assertThat(LayerEncryption.of(0, 2)).isEqualTo(LayerEncryption.NONE);
        assertThat(LayerEncryption.of(1, 2)).isEqualTo(LayerEncryption.SOME);
        assertThat(LayerEncryption.of(2, 2)).isEqualTo(LayerEncryption.ALL);
        assertThatIllegalArgumentException().isThrownBy(() -> LayerEncryption.of(3, 2));
    }

    @Test
    void decision_toJson_complete() throws Exception {
        SigningKey key = SigningKey.ec("secp256r1");
        SigningKey other = SigningKey.ec("secp256r1");
        Policy policy = policy("{'default':[{'type':'reject'}],'transports':{'docker':{'docker.io':["
                + PolicyText.sigstoreSigned(key, "{'type':'matchExact'}") + "]}}}");
        PolicyRejectedException e = catchThrowableOfType(
                PolicyRejectedException.class,
                () -> pending(policy, LayerEncryption.NONE, (kind, object) -> {
                    try {
                        return List.of(other.attachment(object, "busybox:1"));
                    } catch (java.security.GeneralSecurityException x) {
                        throw new java.io.IOException(x);
                    }
                }));
        JsonCursor.Members json =
                JsonCursor.parse(JsonWriter.compact(e.decision().toJson())).object();
        assertThat(json.names())
                .containsExactly(
                        "decision",
                        "reason",
                        "image",
                        "manifestDigest",
                        "scope",
                        "scopesPassedOver",
                        "requirements",
                        "encryptedLayers");
        assertThat(json.required("decision").string()).isEqualTo("reject");
        assertThat(json.required("scope").string()).isEqualTo("docker:docker.io");
        assertThat(json.required("scopesPassedOver").strings())
                .containsExactly(
                        "docker:docker.io/library/busybox:1",
                        "docker:docker.io/library/busybox",
                        "docker:docker.io/library");
        JsonCursor.Members requirement =
                json.required("requirements").array().getFirst().object();
        assertThat(requirement.required("type").string()).isEqualTo("sigstoreSigned");
        assertThat(requirement.required("outcome").string()).isEqualTo("deny");
        JsonCursor.Members signature =
                requirement.required("signatures").array().getFirst().object();
        assertThat(signature.required("failed").string()).isEqualTo("signature");
        assertThat(signature.required("signedObject").string()).isEqualTo("manifest");
        assertThat(e.decision().toText())
                .contains("scope: \"docker:docker.io\"")
                .contains("requirement 1, sigstoreSigned: deny")
                .contains("manifest signature 1: reject (signature)");
    }

    @Test
    void imageName_layoutPathNotNormal_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ImageName.Layout(java.nio.file.Path.of("/a/../b")));
        assertThatIllegalArgumentException().isThrownBy(() -> new ImageName.Layout(java.nio.file.Path.of("a")));
    }

    @Test
    void matrix_parseOfAConfiguration_namesItsOrigin() throws Exception {
        JsonCursor value = JsonCursor.parse("{\"other\":{}}");
        assertThatExceptionOfType(PolicyFormatException.class)
                .isThrownBy(() -> Matrix.parse(value, "agent.toml"))
                .withMessageContaining("\"agent.toml\": $: unknown key \"other\"");
    }
}
