package dev.bulla.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CosignSignatureTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private final SigningKey.Generated key = SigningKey.generate(new SecureRandom());

    private Manifest sign(int times) throws Exception {
        TestImage.write(folder, "t", 1);
        Digest image;
        for (int i = 0; i < times; i++) {
            try (LayoutSource source = LayoutSource.open(folder);
                    LayoutWriter writer = LayoutWriter.open(folder)) {
                image = source.fetchByTag("t").digest();
                CosignSignature.sign(image, ImageReference.parse("example.org/demo:" + i), key.key())
                        .store(source, writer);
            }
        }
        try (LayoutSource source = LayoutSource.open(folder)) {
            image = source.fetchByTag("t").digest();
            FetchedManifest signatures = source.fetchByTag(CosignSignature.tagOf(image));
            return (Manifest) ManifestOrIndex.parse(signatures.bytes(), signatures.mediaType());
        }
    }

    @Test
    void store_signature_verifiesAndStatesImageAndName() throws Exception {
        Manifest manifest = sign(1);
        Descriptor layer = manifest.layers().getFirst();
        assertThat(layer.mediaType()).isEqualTo("application/vnd.dev.cosign.simplesigning.v1+json");

        try (LayoutSource source = LayoutSource.open(folder)) {
            byte[] payload = source.readBlob(layer, 4096);
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(key.publicKey());
            verifier.update(payload);
            String text = layer.annotations().getOrDefault("dev.cosignproject.cosign/signature", "");
            assertThat(verifier.verify(Base64.getDecoder().decode(text))).isTrue();

            JsonCursor.Members critical =
                    JsonCursor.parse(payload).object().required("critical").object();
            assertThat(critical.required("image")
                            .object()
                            .required("docker-manifest-digest")
                            .string())
                    .isEqualTo(source.fetchByTag("t").digest().toString());
            assertThat(critical.required("identity")
                            .object()
                            .required("docker-reference")
                            .string())
                    .isEqualTo("example.org/demo:0");
            assertThat(critical.required("type").string()).isEqualTo("cosign container image signature");
        }
    }

    @Test
    void store_second_standsBesideTheFirst() throws Exception {
        assertThat(sign(2).layers()).hasSize(2);
    }

    @Test
    void tagOf_digest_isCosigns() {
        assertThat(CosignSignature.tagOf(Digest.Algorithm.SHA256.of(new byte[0])))
                .isEqualTo("sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.sig");
    }

    @Test
    void signingKey_pemRoundTrip_isTheSameKey() throws Exception {
        byte[] pem = key.key().toPem();
        assertThat(SigningKey.parse(pem).toPem()).isEqualTo(pem);
        assertThat(SigningKey.parse(pem).toString()).isEqualTo("SigningKey[redacted]");
        assertThat(key.publicPem()).startsWith("-----BEGIN PUBLIC KEY-----\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-----BEGIN PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n"
            })
    void signingKey_garbage_isRefused(String text) {
        assertThatThrownBy(() -> SigningKey.parse(text.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(UnusableKeyException.class);
    }

    @Test
    void signingKey_otherCurve_isRefused() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(384);
        String pem = SigningKey.pem(
                "PRIVATE KEY", generator.generateKeyPair().getPrivate().getEncoded());
        assertThatThrownBy(() -> SigningKey.parse(pem.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(UnusableKeyException.class)
                .hasMessageContaining("P-256");
    }
}
