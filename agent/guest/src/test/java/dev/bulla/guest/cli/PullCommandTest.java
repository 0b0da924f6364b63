package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.guest.TestLayout;
import dev.bulla.guest.TestLayout.Layer;
import dev.bulla.kbs.AuditRecord;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.ocicrypt.EncryptedLayer;
import dev.bulla.ocicrypt.EncryptionKey;
import dev.bulla.ocicrypt.JweKeyWrap;
import dev.bulla.ocicrypt.KbsPacketWrap;
import dev.bulla.ocicrypt.KeyWrap;
import dev.bulla.ocicrypt.LayerEncryptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The whole way from an OCI layout, and what is left behind when it is refused: nothing. */
@Isolated("it looks at the process's own output")
class PullCommandTest {
    private static final String ACCEPT_ANYTHING = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}";
    private static final String ACCEPT_PLAIN = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";

    @TempDir
    Path folder;

    private Path store;
    private TestLayout layout;

    @BeforeEach
    void makeLayout() throws IOException {
        store = folder.resolve("store");
        layout = new TestLayout(folder.resolve("layout"));
    }

    private CommandRun pull(String policy, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("policy.json"), policy);
        List<String> args = new ArrayList<>(List.of(
                "pull",
                "oci:" + layout.folder() + ":v1",
                "--store",
                store.toString(),
                "--policy",
                file.toString(),
                "--output",
                "json",
                "--progress",
                "none"));
        args.addAll(Arrays.asList(more));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private void assertRefused(CommandRun run, ExitCode code, String... words) throws IOException {
        assertThat(run.code()).as(run.err()).isEqualTo(code.code());
        assertThat(run.out()).isEmpty();
        assertThat(Arrays.asList(words))
                .allSatisfy(word -> assertThat(run.err()).contains(word));
        assertThat(run.err()).matches("bulla: .*\\n");
        assertThat(left()).isEmpty();
    }

    /** Files and links in the store, but for what any store has. */
    private List<Path> left() throws IOException {
        if (!Files.exists(store)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(store)) {
            return paths.filter(path -> !Files.isDirectory(path, java.nio.file.LinkOption.NOFOLLOW_LINKS))
                    .filter(path -> !path.equals(store.resolve("meta.json")))
                    .toList();
        }
    }

    private static JsonCursor.Members json(CommandRun run) throws Exception {
        assertThat(run.code()).as(run.err()).isZero();
        return JsonCursor.parse(run.out().strip()).object();
    }

    private static String text(JsonCursor.Members json, String... path) throws Exception {
        JsonCursor.Members at = json;
        for (int i = 0; i < path.length - 1; i++) {
            at = at.required(path[i]).object();
        }
        return at.required(path[path.length - 1]).string();
    }

    private Layer encrypted(Layer layer, KeyWrap wrap) throws IOException {
        byte[] plain = Files.readAllBytes(layout.path(layer.descriptor().digest()));
        ByteArrayOutputStream ciphertext = new ByteArrayOutputStream();
        EncryptedLayer result = new LayerEncryptor(List.of(wrap), new SecureRandom())
                .encrypt(new ByteArrayInputStream(plain), ciphertext);
        Descriptor blob = layout.blob(
                layer.descriptor().mediaType() + "+encrypted", ciphertext.toByteArray(), result.annotations());
        return new Layer(blob, layer.diffId());
    }

    @Test
    void pull_plainImage_isSealed() throws Exception {
        Descriptor manifest =
                layout.image("v1", List.of(layout.layer("a", "A".repeat(100)), layout.layer("b", "small")));
        JsonCursor.Members json = json(pull(ACCEPT_PLAIN));
        assertThat(text(json, "manifestDigest")).isEqualTo(manifest.digest().toString());
        assertThat(text(json, "composefs", "format")).isEqualTo("V1");
        assertThat(text(json, "composefs", "mapping")).isEqualTo("faithful");
        assertThat(text(json, "policy", "decision")).isEqualTo("accept");
        assertThat(text(json, "policy", "scope")).isEqualTo("default");
        assertThat(json.required("attestation").object().required("count").integer(0, 9))
                .isZero();
        assertThat(json.required("layers").array()).hasSize(2);
        Path image = store.resolve("images").resolve(text(json, "composefs", "digest"));
        assertThat(image).isSymbolicLink().exists();
        assertThat(store.resolve("staging")).isEmptyDirectory();
        assertThat(CommandRun.of("images", "--store", store.toString()).out())
                .contains("oci:" + layout.folder() + ":v1");
        assertThat(CommandRun.of("inspect", text(json, "composefs", "digest"), "--store", store.toString())
                        .out())
                .contains(manifest.digest().toString());
    }

    @Test
    void pull_plainUnsignedImage_namesTheLineThatWouldAllowIt() throws Exception {
        layout.image("v1", List.of(layout.layer("a", "A")));
        assertRefused(pull(ACCEPT_ANYTHING), ExitCode.POLICY, "unencryptedUnsigned", "\"allow\": true");
    }

    @Test
    void pull_sameImageTwice_hasTheSameDigest() throws Exception {
        layout.image("v1", List.of(layout.layer("a", "A".repeat(5000))));
        assertThat(text(json(pull(ACCEPT_PLAIN)), "composefs", "digest"))
                .isEqualTo(text(json(pull(ACCEPT_PLAIN)), "composefs", "digest"));
    }

    @Test
    void pull_sha512_namesTheImageByIt() throws Exception {
        layout.image("v1", List.of(layout.layer("a", "A".repeat(5000))));
        assertThat(text(json(pull(ACCEPT_PLAIN, "--digest-algorithm", "sha512")), "composefs", "digest"))
                .hasSize(128);
    }

    @Test
    void pull_layerTwice_isFetchedOnce() throws Exception {
        Layer layer = layout.layer("a", "A");
        layout.image("v1", List.of(layer, layout.layer("b", "B"), layer));
        List<JsonCursor> layers = json(pull(ACCEPT_PLAIN)).required("layers").array();
        List<Boolean> cached = new ArrayList<>();
        for (JsonCursor row : layers) {
            cached.add(row.object().required("cached").bool());
        }
        assertThat(cached).containsExactly(false, false, true);
    }

    @Test
    void pull_flippedByteInALayer_leavesNothing() throws Exception {
        Layer good = layout.layer("a", "A".repeat(5000));
        Layer bad = layout.layer("b", "B".repeat(5000));
        layout.image("v1", List.of(good, bad));
        Path blob = layout.path(bad.descriptor().digest());
        byte[] bytes = Files.readAllBytes(blob);
        bytes[bytes.length - 1] ^= 1;
        Files.write(blob, bytes);
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT);
    }

    @Test
    void pull_wrongDiffId_isRefused() throws Exception {
        Layer layer = layout.layer("a", "A".repeat(5000));
        layout.image("v1", List.of(new Layer(layer.descriptor(), Digest.Algorithm.SHA256.of(new byte[1]))));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT, "diff_id");
    }

    @Test
    void pull_fewerDiffIdsThanLayers_isRefused() throws Exception {
        Layer layer = layout.layer("a", "A");
        Descriptor config = layout.config(List.of());
        layout.tag("v1", layout.manifest(config, List.of(layer.descriptor())));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT, "diff_ids");
    }

    @Test
    void pull_foreignArchitecture_isRefused() throws Exception {
        Layer layer = layout.layer("a", "A");
        Descriptor config = layout.config("s390x", List.of(layer.diffId()));
        layout.tag("v1", layout.manifest(config, List.of(layer.descriptor())));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT, "linux/s390x");
        assertThat(pull(ACCEPT_PLAIN, "--platform", "linux/s390x").code()).isZero();
    }

    @Test
    void pull_artifact_isRefused() throws Exception {
        Descriptor config = layout.blob("application/vnd.example.config+json", "{}".getBytes(StandardCharsets.UTF_8));
        layout.tag("v1", layout.manifest(config, List.of()));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT, "artifact");
    }

    @Test
    void pull_unknownLayerType_isRefused() throws Exception {
        Layer layer = layout.layer("a", "A");
        Descriptor odd = layout.blob(
                "application/zip",
                Files.readAllBytes(layout.path(layer.descriptor().digest())));
        layout.image("v1", List.of(new Layer(odd, layer.diffId())));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT, "application/zip");
    }

    @Test
    void pull_unknownTag_isNotFound() throws Exception {
        layout.image("v2", List.of(layout.layer("a", "A")));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.REGISTRY);
    }

    @Test
    void pull_encryptionAnnotationsOnPlainLayer_isRefused() throws Exception {
        Layer layer = layout.layer("a", "A");
        Descriptor annotated = layout.blob(
                layer.descriptor().mediaType(),
                Files.readAllBytes(layout.path(layer.descriptor().digest())),
                Map.of("org.opencontainers.image.enc.pubopts", "e30="));
        layout.image("v1", List.of(new Layer(annotated, layer.diffId())));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT, "encrypted");
    }

    @Test
    void pull_manifestOfManyEmptyObjects_isRefused() throws Exception {
        Layer layer = layout.layer("a", "A");
        Descriptor manifest = layout.manifest(layout.config(List.of(layer.diffId())), List.of(layer.descriptor()));
        String text = Files.readString(layout.path(manifest.digest()));
        String bomb = text.substring(0, text.length() - 1) + ",\"x\":[" + "{},".repeat(1_300_000) + "{}]}";
        layout.tag("v1", layout.blob(manifest.mediaType(), bomb.getBytes(StandardCharsets.UTF_8)));
        assertRefused(pull(ACCEPT_PLAIN), ExitCode.CONTENT, "Token count");
    }

    @Test
    void pull_bundleFolderInUse_isRefusedBeforeAnythingIsFetched() throws Exception {
        layout.image("v1", List.of(layout.layer("a", "A".repeat(5000))));
        Files.createDirectories(folder.resolve("bundle/rootfs/in-use"));
        assertRefused(
                pull(ACCEPT_PLAIN, "--bundle", folder.resolve("bundle").toString(), "--verity", "off"),
                ExitCode.STORE,
                "not empty");
        assertThat(folder.resolve("bundle/rootfs/in-use")).exists();
    }

    @Test
    void pull_bundleOfAConfigurationThatCannotRun_leavesNothing() throws Exception {
        Layer layer = layout.layer("etc/passwd", "a:x:1:1:".repeat(20));
        String config = Files.readString(
                layout.path(layout.config(List.of(layer.diffId())).digest()));
        Descriptor hostile = layout.blob(
                "application/vnd.oci.image.config.v1+json",
                ("{\"config\":{\"User\":\"nobody-at-all\"}," + config.substring(1)).getBytes(StandardCharsets.UTF_8));
        layout.tag("v1", layout.manifest(hostile, List.of(layer.descriptor())));
        assertRefused(
                pull(ACCEPT_PLAIN, "--bundle", folder.resolve("bundle").toString(), "--verity", "off"),
                ExitCode.CONTENT,
                "nobody-at-all");
        assertThat(folder.resolve("bundle")).doesNotExist();
    }

    @Test
    void pull_signaturesThatWouldFillTheHeap_isRefused() throws Exception {
        Descriptor manifest = layout.image("v1", List.of(layout.layer("a", "A")));
        List<Descriptor> payloads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            byte[] payload = new byte[4 << 20];
            payload[0] = (byte) i;
            payloads.add(layout.blob("application/vnd.dev.cosign.simplesigning.v1+json", payload, Map.of()));
        }
        layout.tag("sha256-" + manifest.digest().hex() + ".sig", layout.manifest(layout.config(List.of()), payloads));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        Files.write(
                folder.resolve("cosign.pub"),
                pem("PUBLIC KEY", generator.generateKeyPair().getPublic().getEncoded()));
        assertRefused(
                pull("{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"cosign.pub\"}]}"),
                ExitCode.POLICY,
                "bytes of them together");
    }

    private KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static byte[] pem(String type, byte[] der) {
        return ("-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static KeyWrap jwe(KeyPair pair) throws Exception {
        return new JweKeyWrap(
                List.of(EncryptionKey.parse(pem("PUBLIC KEY", pair.getPublic().getEncoded()))), new SecureRandom());
    }

    private String keyFile(KeyPair pair) throws IOException {
        return Files.write(
                        folder.resolve("key.pem"),
                        pem("PRIVATE KEY", pair.getPrivate().getEncoded()))
                .toString();
    }

    @Test
    void pull_jweEncrypted_hasTheDigestOfThePlainImage() throws Exception {
        KeyPair pair = rsa();
        Layer plain = layout.layer("a", "A".repeat(5000));
        layout.image("v1", List.of(plain));
        String digest = text(json(pull(ACCEPT_PLAIN)), "composefs", "digest");
        layout.image("v1", List.of(encrypted(plain, jwe(pair))));
        JsonCursor.Members json =
                json(pull(ACCEPT_PLAIN, "--decryption-key", keyFile(pair), "--store-exposure=accepted"));
        assertThat(text(json, "composefs", "digest")).isEqualTo(digest);
        assertThat(json.required("layers")
                        .array()
                        .getFirst()
                        .object()
                        .required("encrypted")
                        .bool())
                .isTrue();
    }

    @Test
    void pull_jweEncryptedUnsigned_isJudgedAsPlain() throws Exception {
        KeyPair pair = rsa();
        layout.image("v1", List.of(encrypted(layout.layer("a", "A"), jwe(pair))));
        assertRefused(
                pull(ACCEPT_ANYTHING, "--decryption-key", keyFile(pair), "--store-exposure=accepted"),
                ExitCode.POLICY,
                "unencryptedUnsigned");
    }

    @Test
    void pull_encryptedWithoutKey_isRefused() throws Exception {
        layout.image("v1", List.of(encrypted(layout.layer("a", "A"), jwe(rsa()))));
        assertRefused(pull(ACCEPT_PLAIN, "--store-exposure=accepted"), ExitCode.KEYS);
        assertRefused(
                pull(ACCEPT_PLAIN, "--decryption-key", keyFile(rsa()), "--store-exposure=accepted"), ExitCode.KEYS);
    }

    @Test
    void pull_encryptedUnderAKeyOfAKbsThatIsNotNamed_saysSo() throws Exception {
        KbsPacketWrap wrap = new KbsPacketWrap("kbs:///default/key/1", new byte[32], new SecureRandom());
        layout.image("v1", List.of(encrypted(layout.layer("a", "A"), wrap)));
        assertRefused(
                pull(ACCEPT_PLAIN, "--store-exposure=accepted"), ExitCode.KEYS, "kbs:///default/key/1", "--kbs URL");
    }

    @Test
    void pull_moreKeysThanTheLimit_isRefusedAsUsage() throws Exception {
        String key = keyFile(rsa());
        layout.image("v1", List.of(layout.layer("a", "A")));
        assertRefused(pull(ACCEPT_PLAIN, keys(key, 65)), ExitCode.USAGE, "got 65, expected at most 64");
        assertThat(pull(ACCEPT_PLAIN, keys(key, 64)).code()).isEqualTo(ExitCode.DONE.code());
    }

    private static String[] keys(String file, int times) {
        return Stream.generate(() -> List.of("--decryption-key", file))
                .limit(times)
                .flatMap(List::stream)
                .toArray(String[]::new);
    }

    @Test
    void pull_encryptedToUnprotectedStorage_isRefused() throws Exception {
        assumeTrue(
                dev.bulla.guest.store.StoreBacking.of(folder, Path.of("/proc"), Path.of("/sys"))
                        == dev.bulla.guest.store.StoreBacking.UNPROTECTED,
                "the temporary folder is on protected storage");
        KeyPair pair = rsa();
        layout.image("v1", List.of(encrypted(layout.layer("a", "A"), jwe(pair))));
        assertRefused(
                pull(ACCEPT_PLAIN, "--decryption-key", keyFile(pair)), ExitCode.STORE, "--store-exposure=accepted");
    }

    @Test
    void pull_ciphertextChangedUnderItsOwnDigest_isRefusedByTheHmac() throws Exception {
        KeyPair pair = rsa();
        Layer layer = encrypted(layout.layer("a", "A".repeat(5000)), jwe(pair));
        byte[] bytes = Files.readAllBytes(layout.path(layer.descriptor().digest()));
        bytes[bytes.length - 1] ^= 1;
        Descriptor changed = layout.blob(
                layer.descriptor().mediaType(), bytes, layer.descriptor().annotations());
        layout.image("v1", List.of(new Layer(changed, layer.diffId())));
        assertRefused(
                pull(ACCEPT_PLAIN, "--decryption-key", keyFile(pair), "--store-exposure=accepted"), ExitCode.CONTENT);
    }

    @Test
    void pull_kbsEncryptedLayers_makeOneAttestation() throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        KbsPacketWrap wrap = new KbsPacketWrap("kbs:///default/key/1", key.clone(), new SecureRandom());
        layout.image(
                "v1",
                List.of(
                        encrypted(layout.layer("a", "A".repeat(100)), wrap),
                        encrypted(layout.layer("b", "B".repeat(100)), wrap),
                        encrypted(layout.layer("c", "C".repeat(100)), wrap)));
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                .resource(ResourcePath.parse("default/key/1"), key)
                .withSampleReferenceValues()
                .start()) {
            String[] options = {
                "--kbs", kbs.url().toString(), "--insecure-kbs-http", "--tee", "sample", "--store-exposure=accepted"
            };
            JsonCursor.Members json = json(pull(ACCEPT_PLAIN, options));
            assertThat(json.required("attestation").object().required("count").integer(0, 9))
                    .isEqualTo(1);
            assertThat(kbs.attestations()).isEqualTo(1);
            assertThat(text(json, "policy", "config")).isEqualTo("unauthenticated");

            kbs.setResourcePolicy(ResourcePolicy.DENY);
            CommandRun denied = pull(ACCEPT_PLAIN, options);
            assertThat(denied.code()).as(denied.err()).isEqualTo(ExitCode.KEYS.code());
            assertThat(denied.err())
                    .matches("bulla: .*\\n")
                    .contains("no key opens this layer", "kbs:///default/key/1", "PolicyDeny");
        }
    }

    /** What is in the store already was decrypted once; the next pull asks for the key all the same. */
    @Test
    void pull_storedEncryptedLayer_needsItsKeyAgain() throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        KbsPacketWrap wrap = new KbsPacketWrap("kbs:///default/key/1", key.clone(), new SecureRandom());
        layout.image("v1", List.of(encrypted(layout.layer("a", "A".repeat(100)), wrap)));
        EmbeddedKbs kbs = EmbeddedKbs.builder()
                .resource(ResourcePath.parse("default/key/1"), key)
                .resourcePolicy(ResourcePolicy.ALLOW)
                .start();
        try (kbs) {
            String[] options = {
                "--kbs",
                kbs.url().toString(),
                "--insecure-kbs-http",
                "--tee",
                "sample",
                "--kbs-key-algorithm",
                "ec-p521",
                "--store-exposure=accepted"
            };
            json(pull(ACCEPT_PLAIN, options));
            JsonCursor.Members again = json(pull(ACCEPT_PLAIN, options));
            assertThat(again.required("layers")
                            .array()
                            .getFirst()
                            .object()
                            .required("source")
                            .string())
                    .startsWith("stored");
            assertThat(kbs.attestations()).isEqualTo(2);
            kbs.close();
            CommandRun unreachable = pull(ACCEPT_PLAIN, options);
            assertThat(unreachable.code()).as(unreachable.err()).isEqualTo(ExitCode.KEYS.code());
            assertThat(unreachable.err()).matches("bulla: .*\\n").contains("kbs:///default/key/1", "POST kbs/v0/auth");
        }
    }

    @Test
    void pull_offlineFsKbc_givesPolicyAndKeyWithoutPinningThem() throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        KbsPacketWrap wrap = new KbsPacketWrap("kbs:///default/key/1", key.clone(), new SecureRandom());
        layout.image("v1", List.of(encrypted(layout.layer("a", "A".repeat(100)), wrap)));
        java.util.Base64.Encoder base64 = java.util.Base64.getEncoder();
        String keys = Files.writeString(
                        folder.resolve("keys.json"), "{\"default/key/1\":\"" + base64.encodeToString(key) + "\"}")
                .toString();
        String[] options = {"--offline-fs-kbc", keys, "--store-exposure=accepted"};
        assertRefused(pull(ACCEPT_ANYTHING, options), ExitCode.POLICY, "unencryptedUnsigned", "pinned");
        assertThat(text(json(pull(ACCEPT_PLAIN, options)), "policy", "matrix", "cell"))
                .isNotEmpty();
        String resources = Files.writeString(
                        folder.resolve("resources.json"),
                        "{\"default/policy/1\":\""
                                + base64.encodeToString(ACCEPT_PLAIN.getBytes(StandardCharsets.UTF_8)) + "\"}")
                .toString();
        CommandRun run = CommandRun.of(
                "pull",
                "oci:" + layout.folder() + ":v1",
                "--store",
                store.toString(),
                "--policy",
                "kbs:///default/policy/1",
                "--offline-fs-kbc",
                keys,
                "--offline-fs-kbc",
                resources,
                "--store-exposure=accepted");
        assertThat(run.code()).as(run.err()).isZero();
    }

    @Test
    void pull_twelveLayersUnderTwelveKeys_isOneAttestationInTheAuditLog() throws Exception {
        int layers = 12;
        EmbeddedKbs.Builder builder = EmbeddedKbs.builder().withSampleReferenceValues();
        List<Layer> encrypted = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            builder.resource(ResourcePath.parse("default/key/" + i), key.clone());
            encrypted.add(encrypted(
                    layout.layer("file-" + i, "content " + i),
                    new KbsPacketWrap("kbs:///default/key/" + i, key, new SecureRandom())));
        }
        layout.image("v1", encrypted);
        try (EmbeddedKbs kbs = builder.start()) {
            json(pull(
                    ACCEPT_PLAIN,
                    "--kbs",
                    kbs.url().toString(),
                    "--insecure-kbs-http",
                    "--tee",
                    "sample",
                    "--store-exposure=accepted"));
            assertThat(kbs.audit())
                    .filteredOn(record -> record.action() == AuditRecord.Action.ATTEST)
                    .hasSize(1);
            assertThat(kbs.audit())
                    .filteredOn(record -> record.action() == AuditRecord.Action.RELEASE && record.allowed())
                    .extracting(record -> record.resource().orElseThrow())
                    .doesNotHaveDuplicates()
                    .hasSize(layers);
        }
    }

    @Test
    void pull_unsignedUnderAKeyOfAnUnpinnedKbs_isJudgedAsPlain() throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        KbsPacketWrap wrap = new KbsPacketWrap("kbs:///default/key/1", key.clone(), new SecureRandom());
        layout.image("v1", List.of(encrypted(layout.layer("a", "A".repeat(100)), wrap)));
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                .resource(ResourcePath.parse("default/key/1"), key)
                .resourcePolicy(ResourcePolicy.ALLOW)
                .start()) {
            // Whoever makes the image can run this KBS too: its key says nothing about where the image came from.
            String[] options = {
                "--kbs", kbs.url().toString(), "--insecure-kbs-http", "--tee", "sample", "--store-exposure=accepted"
            };
            assertRefused(pull(ACCEPT_ANYTHING, options), ExitCode.POLICY, "unencryptedUnsigned", "pinned");
        }
    }

    @Test
    void pull_unsignedUnderAKeyOfThePinnedKbs_isAcceptedAsEncrypted() throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        KbsPacketWrap wrap = new KbsPacketWrap("kbs:///default/key/1", key.clone(), new SecureRandom());
        layout.image("v1", List.of(encrypted(layout.layer("a", "A".repeat(100)), wrap)));
        ServerIdentity identity = ServerIdentity.make(folder);
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                .tls(identity.certificatePem(), identity.keyPem())
                .resource(ResourcePath.parse("default/key/1"), key)
                .resourcePolicy(ResourcePolicy.ALLOW)
                .start()) {
            String certificate = Files.write(folder.resolve("kbs.pem"), identity.certificatePem())
                    .toString();
            String[] options = {
                "--kbs", kbs.url().toString(), "--kbs-cert", certificate, "--tee", "sample", "--store-exposure=accepted"
            };
            JsonCursor.Members json = json(pull(ACCEPT_ANYTHING, options));
            assertThat(text(json, "policy", "matrix", "cell")).isEqualTo("encryptedUnsigned");
        }
    }

    @Test
    void pull_policyFromAnUnpinnedKbs_isRefused() throws Exception {
        layout.image("v1", List.of(layout.layer("a", "A")));
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                .resource(ResourcePath.parse("default/policy/1"), ACCEPT_PLAIN.getBytes(StandardCharsets.UTF_8))
                .resourcePolicy(ResourcePolicy.ALLOW)
                .start()) {
            CommandRun run = CommandRun.of(
                    "pull",
                    "oci:" + layout.folder() + ":v1",
                    "--store",
                    store.toString(),
                    "--policy",
                    "kbs:///default/policy/1",
                    "--kbs",
                    kbs.url().toString(),
                    "--insecure-kbs-http",
                    "--tee",
                    "sample");
            assertRefused(run, ExitCode.POLICY, "--kbs-cert");
            assertThat(kbs.attestations()).isZero();
        }
    }

    /** Signs as cosign does: a manifest under the tag {@code sha256-….sig} whose layer is the payload. */
    private void sign(Descriptor manifest, KeyPair pair, String name) throws Exception {
        byte[] payload = ("{\"critical\":{\"identity\":{\"docker-reference\":\"" + name
                        + "\"},\"image\":{\"docker-manifest-digest\":\"" + manifest.digest()
                        + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}")
                .getBytes(StandardCharsets.UTF_8);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(payload);
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(
                "dev.cosignproject.cosign/signature", Base64.getEncoder().encodeToString(signature.sign()));
        Descriptor layer = layout.blob("application/vnd.dev.cosign.simplesigning.v1+json", payload, annotations);
        layout.tag(
                "sha256-" + manifest.digest().hex() + ".sig",
                layout.manifest(layout.config(List.of()), List.of(layer)));
    }

    @Test
    void pull_signedImage_isAcceptedAndItsTwinIsNot() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        Files.write(
                folder.resolve("cosign.pub"), pem("PUBLIC KEY", pair.getPublic().getEncoded()));
        String policy = "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"cosign.pub\",\"signedIdentity\":"
                + "{\"type\":\"exactRepository\",\"dockerRepository\":\"example.com/demo\"}}]}";
        Descriptor manifest = layout.image("v1", List.of(layout.layer("a", "A")));
        assertRefused(pull(policy), ExitCode.POLICY);
        sign(manifest, pair, "example.com/demo");
        JsonCursor.Members json = json(pull(policy));
        assertThat(text(json, "policy", "config")).isEqualTo("authenticated");
        layout.image("v1", List.of(layout.layer("a", "another")));
        assertThat(pull(policy).code()).isEqualTo(ExitCode.POLICY.code());
    }
}
