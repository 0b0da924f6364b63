package dev.bulla.provision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.ocicrypt.DecryptionKey;
import dev.bulla.ocicrypt.JweKeyOpener;
import dev.bulla.ocicrypt.KeyWrap;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.LayerEncryptor;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.provision.peer.DockerRegistry;
import dev.bulla.provision.peer.Peers;
import dev.bulla.provision.peer.ProgramRun;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.InsecureHost;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.RegistryOptions;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images go from our tools to skopeo and cosign, and back. */
@Tag("peer")
class PeerToolsTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private final SecureRandom random = new SecureRandom();
    private List<byte[]> blobs = List.of();

    @BeforeEach
    void prepare() throws Exception {
        writeKey("rsa", "RSA", 2048);
        writeKey("p256", "EC", 256);
        writeKey("p384", "EC", 384);
        blobs = TestImage.write(folder.resolve("plain"), "t", 3);
    }

    private void writeKey(String name, String algorithm, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        KeyPair pair = generator.generateKeyPair();
        Files.writeString(
                folder.resolve(name + ".pem"),
                SigningKey.pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        Files.writeString(
                folder.resolve(name + ".pub"),
                SigningKey.pem("PUBLIC KEY", pair.getPublic().getEncoded()));
    }

    private Manifest manifest(String layout) throws Exception {
        try (LayoutSource source = LayoutSource.open(folder.resolve(layout))) {
            FetchedManifest fetched = source.fetchByTag("t");
            return (Manifest) ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType());
        }
    }

    @ParameterizedTest
    @CsvSource({"rsa, rsa", "p256, p256", "p384, p384", "rsa p256, rsa", "rsa p256, p256"})
    void decrypt_whatSkopeoEncrypted_givesTheLayers(String recipients, String key) throws Exception {
        Path skopeo = Peers.find("skopeo", "skopeo");
        List<Object> command = new ArrayList<>(List.of(skopeo, "--insecure-policy", "copy"));
        for (String recipient : recipients.split(" ", -1)) {
            command.addAll(List.of("--encryption-key", "jwe:" + recipient + ".pub"));
        }
        command.addAll(List.of("oci:plain:t", "oci:theirs:t"));
        run(command);

        LayerDecryptor decryptor = new LayerDecryptor(List.of(
                new JweKeyOpener(List.of(DecryptionKey.parse(Files.readAllBytes(folder.resolve(key + ".pem")))))));
        List<Descriptor> layers = manifest("theirs").layers();
        assertThat(layers).hasSize(blobs.size());
        try (LayoutSource source = LayoutSource.open(folder.resolve("theirs"))) {
            for (int i = 0; i < layers.size(); i++) {
                try (OpenedLayer opened = decryptor.open(layers.get(i).annotations());
                        InputStream plain = opened.decrypt(source.openBlob(layers.get(i)))) {
                    assertThat(plain.readAllBytes()).isEqualTo(blobs.get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"rsa, rsa", "p256, p256", "p384, p384", "rsa p256, rsa", "rsa p256, p256"})
    void encrypt_allLayers_skopeoDecryptsThem(String recipients, String key) throws Exception {
        skopeoDecrypts(recipients, key, LayerSelection.ALL);
    }

    @Test
    void encrypt_someLayers_skopeoDecryptsThem() throws Exception {
        skopeoDecrypts("rsa", "rsa", new LayerSelection(List.of(-1)));
    }

    private void skopeoDecrypts(String recipients, String key, LayerSelection selection) throws Exception {
        Path skopeo = Peers.find("skopeo", "skopeo");
        List<String> keys = new ArrayList<>();
        for (String recipient : recipients.split(" ", -1)) {
            keys.add("jwe:" + folder.resolve(recipient + ".pub"));
        }
        List<KeyWrap> wraps = EncryptionKeys.read(keys, random);
        try (LayoutSource source = LayoutSource.open(folder.resolve("plain"));
                LayoutWriter destination = LayoutWriter.open(folder.resolve("ours"))) {
            new ImageEncryptor(new LayerEncryptor(wraps, random), selection)
                    .encrypt(source, source.fetchByTag("t"), destination, Optional.of("t"));
        }

        run(List.of(
                skopeo,
                "--insecure-policy",
                "copy",
                "--decryption-key",
                key + ".pem",
                "oci:ours:t",
                "oci:decrypted:t"));

        assertThat(manifest("decrypted").layers().stream().map(Descriptor::digest))
                .isEqualTo(manifest("plain").layers().stream()
                        .map(Descriptor::digest)
                        .toList());
    }

    @Test
    void sign_imageInRegistry_cosignVerifiesIt() throws Exception {
        Path cosign = Peers.find("cosign", "cosign (of trixie)");
        try (DockerRegistry registry = DockerRegistry.startOpen(folder)) {
            String host = registry.host();
            ImageReference image = ImageReference.parse(host + "/demo:t");
            SigningKey.Generated key = SigningKey.generate(random);
            Files.writeString(folder.resolve("cosign.pub"), key.publicPem());
            RegistryOptions options = RegistryOptions.defaults().withInsecureHost(InsecureHost.parse(host));
            try (LayoutSource source = LayoutSource.open(folder.resolve("plain"));
                    LayoutWriter writer = LayoutWriter.open(folder.resolve("plain"))) {
                CosignSignature.sign(source.fetchByTag("t").digest(), image, key.key())
                        .store(source, writer);
            }
            try (LayoutSource source = LayoutSource.open(folder.resolve("plain"));
                    RegistryDestination destination = RegistryDestination.open(image, options)) {
                ImageCopy.Copied copied =
                        new ImageCopy(source, destination).copy(source.fetchByTag("t"), Optional.of("t"));
                assertThat(copied.signatures()).isEqualTo(1);
            }

            run(List.of(
                    cosign,
                    "verify",
                    "--insecure-ignore-tlog=true",
                    "--allow-http-registry",
                    "--key",
                    "cosign.pub",
                    image));
        }
    }

    private void run(List<?> command) throws Exception {
        ProgramRun.of(
                        folder,
                        Map.of("COSIGN_PASSWORD", ""),
                        command.stream().map(Object::toString).toList())
                .succeeded();
    }
}
