package dev.bulla.policy.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.ImageName;
import dev.bulla.policy.PolicyFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PolicyExplanationTest {
    private static final String POLICY = """
            {"default": [{"type": "reject"}],
             "transports": {
               "docker": {
                 "example.com/ns": [
                   {"type": "sigstoreSigned", "keyPath": "cosign.pub", "rekorPublicKeyData": "YQ==",
                    "signedIdentity": {"type": "matchRepository"}},
                   {"type": "signedBy", "keyType": "GPGKeys", "keyPaths": ["a.gpg", "b.gpg"]}],
                 "example.com": [{"type": "insecureAcceptAnything"}]},
               "oci": {"/srv": [{"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}}]}},
             "bulla": {"version": 1, "seals": {"default": {"require": "digest", "mapping": "canonical"}},
                       "requireEnforcement": "kernel-verity"}}
            """;

    private static PolicyExplanation explain(String image) throws Exception {
        return PolicyExplanation.of(
                POLICY.getBytes(StandardCharsets.UTF_8),
                "test",
                new ImageName.Registry(ImageReference.parse(image).withDefaultTag()));
    }

    @Test
    void toText_ofASignedScope_saysAllOfIt() throws Exception {
        assertThat(explain("example.com/ns/app").toText()).isEqualTo("""
                image: "example.com/ns/app:latest"
                scopes, in the order of their lookup:
                  "docker:example.com/ns/app:latest": not in the policy
                  "docker:example.com/ns/app": not in the policy
                  "docker:example.com/ns": decides
                  "docker:example.com": in the policy, not reached
                  "docker:*.com": not in the policy
                  "docker:": not in the policy
                  default: not reached
                asked for, all of it:
                  sigstoreSigned: a sigstore signature by a key of "cosign.pub", logged by a transparency log whose key the policy has, for any tag of the image's repository (matchRepository)
                  signedBy: a simple signing signature by a key of "a.gpg" or "b.gpg", for the name with the tag (matchRepoDigestOrExact, the default); of an image named by digest any tag
                an image that has it counts as signed; by the matrix it runs as:
                  encryptedSigned (every layer encrypted): allow; the host may still change: nothing
                  unencryptedSigned (a plain layer among them): allow; the host may still change: nothing, but it can read the plain layers
                seal: digest, of the canonical mapping
                enforcement of a mount: kernel-verity
                """);
    }

    @Test
    void toText_ofAnUnsignedScope_saysWhatTheMatrixSays() throws Exception {
        assertThat(explain("example.com/other@sha256:" + "a".repeat(64)).toText())
                .contains(
                        "insecureAcceptAnything: nothing",
                        "counts as unsigned",
                        "encryptedUnsigned (every layer encrypted): allow; the host may still change: configuration,",
                        "unencryptedUnsigned (a plain layer among them): refuse",
                        "only when the keys were opened by: kbs");
    }

    @Test
    void toText_ofAnImageThatNoScopeNames_isOfDefault() throws Exception {
        assertThat(explain("busybox").toText()).contains("default: decides", "reject: what no image has");
        assertThat(explain("busybox").scope()).isEqualTo("default");
    }

    @Test
    void toJson_ofALayout_hasEveryPart() throws Exception {
        PolicyExplanation explanation = PolicyExplanation.of(
                POLICY.getBytes(StandardCharsets.UTF_8), "test", new ImageName.Layout(Path.of("/srv/images")));
        assertThat(JsonWriter.compact(explanation.toJson()))
                .isEqualTo(
                        "{\"image\":\"oci:/srv/images\",\"policy\":\"test\",\"scope\":\"oci:/srv\",\"scopes\":["
                                + "{\"scope\":\"oci:/srv/images\",\"inPolicy\":false,\"decides\":false},"
                                + "{\"scope\":\"oci:/srv\",\"inPolicy\":true,\"decides\":true},"
                                + "{\"scope\":\"oci:\",\"inPolicy\":false,\"decides\":false},"
                                + "{\"scope\":\"default\",\"inPolicy\":true,\"decides\":false}],"
                                + "\"requirements\":[{\"type\":\"signedBaseLayer\",\"asks\":\"lower layers that are those of a"
                                + " signed base image, for exactly the image's name (matchExact)\"}],"
                                + "\"countsAsSigned\":false,\"matrix\":[{\"cell\":\"encryptedSigned\",\"hostMayChange\":\"nothing\"},"
                                + "{\"cell\":\"encryptedUnsigned\",\"outcome\":\"allow\",\"hostMayChange\":\"configuration, order and"
                                + " set of the layers\"},{\"cell\":\"unencryptedSigned\",\"hostMayChange\":\"nothing, but it can read"
                                + " the plain layers\"},{\"cell\":\"unencryptedUnsigned\",\"outcome\":\"refuse\",\"hostMayChange\":"
                                + "\"everything\"}],\"seal\":\"digest, of the canonical mapping\",\"enforcement\":\"kernel-verity\"}");
    }

    @Test
    void of_noPolicy_isRefused() {
        assertThatThrownBy(() -> PolicyExplanation.of(
                        "{}".getBytes(StandardCharsets.UTF_8), "test", new ImageName.Layout(Path.of("/srv"))))
                .isInstanceOf(PolicyFormatException.class)
                .hasMessageContaining("\"default\" is missing");
    }
}
