package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.LayerStream;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.TestLayout;
import dev.bulla.guest.TestLayout.Layer;
import dev.bulla.guest.layer.TarBuilder;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.ocicrypt.EncryptedLayer;
import dev.bulla.ocicrypt.EncryptionKey;
import dev.bulla.ocicrypt.JweKeyWrap;
import dev.bulla.ocicrypt.LayerEncryptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a second pull makes of what is stored: all that is proven, and nothing that was put there by somebody else. */
@Isolated("it looks at the process's own output")
class StoreTrustTest {
    private static final String POLICY = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";
    private static final String FETCHED = "fetched";
    private static final String HASHED = "stored (hashed again)";
    private static final String AUTHENTICATED = "stored (authenticated)";

    @TempDir
    private static Path shared;

    private static EmbeddedKbs kbs;
    private static String certificate;

    @TempDir
    private Path folder;

    private Path store;
    private TestLayout layout;

    @BeforeAll
    static void startKbs() throws Exception {
        ServerIdentity identity = ServerIdentity.make(shared);
        byte[] other = new byte[32];
        other[0] = 1;
        kbs = EmbeddedKbs.builder()
                .tls(identity.certificatePem(), identity.keyPem())
                .resource(ResourcePath.parse("default/records/1"), new byte[32])
                .resource(ResourcePath.parse("default/records/2"), other)
                .resource(ResourcePath.parse("default/records/short"), new byte[31])
                .resource(ResourcePath.parse("default/records/long"), new byte[33])
                .resourcePolicy(ResourcePolicy.ALLOW)
                .start();
        certificate = Files.write(shared.resolve("kbs.pem"), identity.certificatePem())
                .toString();
    }

    @AfterAll
    static void stopKbs() throws Exception {
        kbs.close();
    }

    @BeforeEach
    void makeLayout() throws IOException {
        store = folder.resolve("store");
        layout = new TestLayout(folder.resolve("layout"));
    }

    private CommandRun run(Path into, String tag, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("policy.json"), POLICY);
        List<String> args = new ArrayList<>(List.of(
                "pull",
                "oci:" + layout.folder() + ":" + tag,
                "--store",
                into.toString(),
                "--policy",
                file.toString(),
                "--output",
                "json",
                "--progress",
                "none"));
        args.addAll(Arrays.asList(more));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static String[] recordKey(String name) {
        return new String[] {
            "--record-key",
            "kbs:///default/records/" + name,
            "--kbs",
            kbs.url().toString(),
            "--kbs-cert",
            certificate,
            "--tee",
            "sample"
        };
    }

    private static String[] with(String[] options, String... more) {
        return Stream.concat(Arrays.stream(options), Arrays.stream(more)).toArray(String[]::new);
    }

    /** What one pull told. */
    private record Told(String image, List<String> sources, List<String> notes, String nextPull, JsonCursor json) {}

    private Told pull(String tag, String... more) throws Exception {
        CommandRun run = run(store, tag, more);
        assertThat(run.code()).as(run.err()).isZero();
        JsonCursor json = JsonCursor.parse(run.out().strip());
        List<String> sources = new ArrayList<>();
        for (JsonCursor layer : json.object().required("layers").array()) {
            sources.add(layer.object().required("source").string());
        }
        return new Told(
                json.object().required("composefs").object().required("digest").string(),
                sources,
                json.object().required("notes").strings(),
                json.object().required("store").object().required("nextPull").string(),
                json);
    }

    private Layer[] image(String tag, String content) throws IOException {
        Layer[] layers = {
            layout.layer("etc/a", "A".repeat(5000) + content), layout.layer("etc/b", "B".repeat(200) + content)
        };
        layout.image(tag, List.of(layers));
        return layers;
    }

    private void takeAway(Layer... layers) throws IOException {
        for (Layer layer : layers) {
            Files.delete(layout.path(layer.descriptor().digest()));
        }
    }

    @Test
    void pull_again_hashesTheStoredLayersAndAsksForNone() throws Exception {
        Layer[] layers = image("v1", "");
        Told first = pull("v1");
        assertThat(first.sources).containsExactly(FETCHED, FETCHED);
        assertThat(first.nextPull).contains("hashes the stored layers again");
        takeAway(layers);
        Told second = pull("v1");
        assertThat(second.image).isEqualTo(first.image);
        assertThat(second.sources).containsExactly(HASHED, HASHED);
        assertThat(second.notes).isEmpty();
        assertThat(second.json.object().required("contents").value())
                .isEqualTo(first.json.object().required("contents").value());
    }

    @Test
    void pull_imageThatSharesALayer_fetchesTheOthers() throws Exception {
        Layer[] layers = image("v1", "");
        pull("v1");
        takeAway(layers);
        layout.image("v2", List.of(layers[0], layout.layer("etc/c", "C".repeat(300))));
        assertThat(pull("v2").sources).containsExactly(HASHED, FETCHED);
    }

    @Test
    void pull_withFewerXattrs_isAnotherImageThatARecordOfAllDoesNotVouchFor() throws Exception {
        byte[] tar = new TarBuilder()
                .pax("SCHILY.xattr.user.a=1", "SCHILY.xattr.security.ima=2")
                .file("a", new byte[100])
                .end()
                .bytes();
        Descriptor blob = layout.blob("application/vnd.oci.image.layer.v1.tar", tar);
        layout.image("v1", List.of(new Layer(blob, Digest.Algorithm.SHA256.of(tar))));
        Told all = pull("v1", recordKey("1"));
        Told fewer = pull("v1", with(recordKey("1"), "--xattrs", "user.*"));
        assertThat(fewer.image).isNotEqualTo(all.image);
        assertThat(fewer.sources).containsExactly(HASHED);
        assertThat(fewer.json
                        .object()
                        .required("composefs")
                        .object()
                        .required("mapping")
                        .string())
                .isEqualTo("faithful+xattrs=user.*");
        CommandRun dump = CommandRun.of(
                "composefs-info",
                "dump",
                store.resolve("images").resolve(fewer.image).toString());
        assertThat(dump.out()).contains("user.a=1").doesNotContain("security.ima");
        assertThat(pull("v1", recordKey("1")).image).isEqualTo(all.image);
    }

    @Test
    void pull_stored_isTaggedAndKeepsDocumentsAsTheyCame() throws Exception {
        Layer layer = layout.layer("a", "A".repeat(100));
        Descriptor manifest = layout.image("v1", List.of(layer));
        String image = pull("v1").image;
        try (ObjectStore open = ObjectStore.openForReading(store)) {
            OciStreams streams = new OciStreams(open);
            String name = ImageRecords.referenceName("oci:" + layout.folder() + ":v1");
            assertThat(streams.tagged(name)).contains(manifest.digest());
            assertThat(streams.manifest(manifest.digest()).orElseThrow().bytes())
                    .isEqualTo(Files.readAllBytes(layout.path(manifest.digest())));
            Digest config = layout.config(List.of(layer.diffId())).digest();
            assertThat(streams.manifest(manifest.digest()).orElseThrow().namedReferences())
                    .containsOnlyKeys("config:" + config, layer.diffId().toString());
            assertThat(streams.config(config).orElseThrow().namedReferences())
                    .containsOnlyKeys(layer.diffId().toString(), "bulla.image.faithful.v1")
                    .containsEntry("bulla.image.faithful.v1", new VerityDigest(VerityAlgorithm.SHA256_4K, image));
        }
    }

    @Test
    void pull_keepTarNone_keepsNoStreamsOfLayersAndFetchesAgain() throws Exception {
        Layer[] layers = image("v1", "");
        Told first = pull("v1", "--keep-tar", "none");
        assertThat(first.nextPull).contains("fetches every layer").contains("--record-key");
        try (Stream<Path> streams = Files.list(store.resolve("streams"))) {
            assertThat(streams.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("oci-layer-"))
                    .anyMatch(name -> name.startsWith("oci-manifest-"))
                    .anyMatch(name -> name.startsWith("oci-config-"));
        }
        Told second = pull("v1", "--keep-tar", "none");
        assertThat(second.sources).containsExactly(FETCHED, FETCHED);
        assertThat(second.image).isEqualTo(first.image);
        takeAway(layers);
        assertThat(run(store, "v1", "--keep-tar", "none").code()).isEqualTo(ExitCode.REGISTRY.code());
    }

    @Test
    void pull_keepTarNoneWithARecord_usesTheImage() throws Exception {
        Layer[] layers = image("v1", "");
        String[] options = with(recordKey("1"), "--keep-tar", "none");
        Told first = pull("v1", options);
        assertThat(first.nextPull).contains("authenticated record");
        takeAway(layers);
        Told second = pull("v1", options);
        assertThat(second.sources).containsExactly(AUTHENTICATED, AUTHENTICATED);
        assertThat(second.image).isEqualTo(first.image);
        assertThat(second.notes).isEmpty();
        assertThat(second.json.object().required("contents").value())
                .isEqualTo(first.json.object().required("contents").value());
    }

    @Test
    void pull_recordedImageOfDeltas_keepsThem() throws Exception {
        Layer[] layers = image("v1", "");
        String[] options = with(recordKey("1"), "--keep-tar", "delta");
        Told first = pull("v1", options);
        takeAway(layers);
        assertThat(pull("v1", options).sources).containsExactly(AUTHENTICATED, AUTHENTICATED);
        Told full = pull("v1", recordKey("1"));
        assertThat(full.sources).containsExactly(AUTHENTICATED, AUTHENTICATED);
        assertThat(full.image).isEqualTo(first.image);
        assertThat(CommandRun.of("gc", "--store", store.toString()).code()).isZero();
        assertThat(CommandRun.of("fsck", "--store", store.toString()).code()).isZero();
        for (Layer layer : layers) {
            Path tar = folder.resolve("layer.tar");
            CommandRun export = CommandRun.of(
                    "layer",
                    "export",
                    layer.diffId().toString(),
                    "--store",
                    store.toString(),
                    "--output",
                    tar.toString());
            assertThat(export.code()).as(export.err()).isZero();
        }
    }

    @Test
    void pull_recordOfAnotherKey_isSaidAndNotBelieved() throws Exception {
        image("v1", "");
        Told first = pull("v1", recordKey("1"));
        Told second = pull("v1", recordKey("2"));
        assertThat(second.sources).containsExactly(HASHED, HASHED);
        assertThat(second.notes).singleElement().asString().contains("not authentic");
        assertThat(second.image).isEqualTo(first.image);
        // It was written again, under the key of now.
        assertThat(pull("v1", recordKey("2")).sources).containsExactly(AUTHENTICATED, AUTHENTICATED);
    }

    @Test
    void pull_recordWithoutTheObjects_hashesAgain() throws Exception {
        image("v1", "");
        Told first = pull("v1", recordKey("1"));
        Files.delete(store.resolve("images").resolve(first.image));
        Told second = pull("v1", recordKey("1"));
        assertThat(second.sources).containsExactly(HASHED, HASHED);
        assertThat(second.image).isEqualTo(first.image);
        assertThat(store.resolve("images").resolve(first.image)).exists();
    }

    @Test
    void pull_recordKeyOfAnotherLength_isRefused() throws Exception {
        image("v1", "");
        assertThat(run(store, "v1", recordKey("short")).code()).isEqualTo(ExitCode.KEYS.code());
        assertThat(run(store, "v1", recordKey("long")).code()).isEqualTo(ExitCode.KEYS.code());
        assertThat(run(store, "v1", "--record-key", "/etc/key").code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run(store, "v1", "--record-key", "kbs:///default/records/1").code())
                .isEqualTo(ExitCode.KEYS.code());
    }

    @Test
    void pull_storeOfAnAlgorithm_keepsIt() throws Exception {
        image("v1", "");
        Told first = pull("v1", "--digest-algorithm", "fsverity-sha512-12");
        assertThat(first.image).hasSize(128);
        Told second = pull("v1");
        assertThat(second.image).isEqualTo(first.image);
        assertThat(second.json
                        .object()
                        .required("composefs")
                        .object()
                        .required("algorithm")
                        .string())
                .isEqualTo("fsverity-sha512-12");
        assertThat(run(store, "v1", "--digest-algorithm", "sha256").code()).isNotZero();
        assertThat(run(store, "v1", "--digest-algorithm", "md5").code()).isEqualTo(ExitCode.USAGE.code());
    }

    @Test
    void pull_format_isNamedAndAnotherImage() throws Exception {
        image("v1", "");
        Told v1 = pull("v1", recordKey("1"));
        Told v2 = pull("v1", with(recordKey("1"), "--format", "v2"));
        assertThat(v2.image).isNotEqualTo(v1.image);
        assertThat(v2.json
                        .object()
                        .required("composefs")
                        .object()
                        .required("format")
                        .string())
                .isEqualTo("V2");
        // A record is of one format.
        assertThat(v2.sources).containsExactly(HASHED, HASHED);
        assertThat(pull("v1", with(recordKey("1"), "--format", "v2")).image).isEqualTo(v2.image);
        assertThat(run(store, "v1", "--format", "v3").code()).isEqualTo(ExitCode.USAGE.code());
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static byte[] pem(String type, byte[] der) {
        return ("-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private Layer encrypted(Layer layer, KeyPair pair) throws Exception {
        byte[] plain = Files.readAllBytes(layout.path(layer.descriptor().digest()));
        ByteArrayOutputStream ciphertext = new ByteArrayOutputStream();
        JweKeyWrap wrap = new JweKeyWrap(
                List.of(EncryptionKey.parse(pem("PUBLIC KEY", pair.getPublic().getEncoded()))), new SecureRandom());
        EncryptedLayer result = new LayerEncryptor(List.of(wrap), new SecureRandom())
                .encrypt(new ByteArrayInputStream(plain), ciphertext);
        Descriptor blob = layout.blob(
                layer.descriptor().mediaType() + "+encrypted", ciphertext.toByteArray(), result.annotations());
        return new Layer(blob, layer.diffId());
    }

    private String[] key(KeyPair pair) throws IOException {
        Path file = Files.write(
                folder.resolve("key.pem"), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        return new String[] {"--decryption-key", file.toString(), "--store-exposure=accepted"};
    }

    /** With and without a record: the image as a whole is no way around the key either. */
    private void assertOnlyWithItsKey(String... options) throws Exception {
        KeyPair pair = rsa();
        Layer plain = layout.layer("a", "secret".repeat(1000));
        Layer secret = encrypted(plain, pair);
        layout.image("v1", List.of(secret));
        String[] withKey = with(options, key(pair));
        Told first = pull("v1", withKey);
        takeAway(plain, secret);
        Told second = pull("v1", withKey);
        assertThat(second.sources).doesNotContain(FETCHED);
        assertThat(second.image).isEqualTo(first.image);

        assertThat(run(store, "v1", with(options, "--store-exposure=accepted")).code())
                .isEqualTo(ExitCode.KEYS.code());

        // The same configuration, its layer called plain: there is no such blob, and the stored one is not for it.
        layout.image("plain", List.of(plain));
        assertThat(run(store, "plain", withKey).code()).isEqualTo(ExitCode.REGISTRY.code());

        // The same blob, under a key that somebody else has wrapped for us.
        Layer foreign = encrypted(layout.layer("a", "other"), pair);
        Descriptor relabelled = new Descriptor(
                secret.descriptor().mediaType(),
                secret.descriptor().digest(),
                secret.descriptor().size(),
                foreign.descriptor().annotations(),
                Optional.empty());
        layout.image("relabelled", List.of(new Layer(relabelled, secret.diffId())));
        assertThat(run(store, "relabelled", withKey).code()).isEqualTo(ExitCode.REGISTRY.code());
    }

    @Test
    void pull_storedLayerOfAnEncryptedImage_isGivenOnlyWithItsKey() throws Exception {
        assertOnlyWithItsKey();
    }

    @Test
    void pull_recordedImageOfEncryptedLayers_isGivenOnlyWithItsKey() throws Exception {
        assertOnlyWithItsKey(recordKey("1"));
    }

    /** Policy may take what comes encrypted for its owner's: what is stored plain must not pass for it. */
    @Test
    void pull_storedPlainLayerCalledEncrypted_isFetchedAndRefused() throws Exception {
        KeyPair pair = rsa();
        Layer theirs = layout.layer("a", "theirs".repeat(100));
        layout.image("plain", List.of(theirs));
        pull("plain");
        Layer ours = encrypted(layout.layer("a", "ours"), pair);
        layout.image("v1", List.of(new Layer(ours.descriptor(), theirs.diffId())));
        pull("plain");
        CommandRun run = run(store, "v1", key(pair));
        assertThat(run.code()).isEqualTo(ExitCode.CONTENT.code());
        assertThat(run.err()).contains("diff_id");

        // Nor when the store was edited so that our key seems to have decrypted it.
        layout.image("ours", List.of(ours));
        pull("ours", key(pair));
        Path origins = store.resolve("records/layers");
        String foreign = Files.readString(
                        origins.resolve("sha256-" + ours.diffId().hex() + ".json"))
                .replace(ours.diffId().toString(), theirs.diffId().toString());
        Files.writeString(origins.resolve("sha256-" + theirs.diffId().hex() + ".json"), foreign);
        assertThat(run(store, "v1", key(pair)).code()).isEqualTo(ExitCode.CONTENT.code());
    }

    /** What somebody does to the store while no guest is running. */
    enum Edit {
        LAYER_STREAM,
        OBJECT,
        LAYER_STREAM_OBJECT,
        IMAGE_OBJECT,
        IMAGE_REFERENCE,
        CONFIG_STREAM,
        MANIFEST_STREAM,
        TAG,
        READABLE_RECORD,
        AUTHENTICATED_RECORD,
        ALL
    }

    /** A store in which one image was pulled, and another in which a foreign one was, under the same key's records. */
    private final class Victim {
        private final Layer[] layers;
        private final Layer[] foreignLayers;
        private final Told told;
        private final String manifestId;
        private final String foreignImage;
        private final Path foreign = folder.resolve("foreign");

        Victim(String[] options) throws Exception {
            layers = image("v1", "");
            told = pull("v1", options);
            manifestId = only(store, "oci-manifest-");
            foreignLayers = image("foreign", " with a back door");
            CommandRun run = run(foreign, "foreign", options);
            assertThat(run.code()).as(run.err()).isZero();
            foreignImage = JsonCursor.parse(run.out().strip())
                    .object()
                    .required("composefs")
                    .object()
                    .required("digest")
                    .string();
            // All objects of the foreign image are in the store, as they should be.
            try (Stream<Path> files = Files.walk(foreign.resolve("objects"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path to = store.resolve("objects")
                            .resolve(foreign.resolve("objects").relativize(file));
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
                }
            }
            relink(Path.of("images", foreignImage), Path.of("images", foreignImage));
        }

        private String only(Path of, String prefix) throws IOException {
            try (Stream<Path> streams = Files.list(of.resolve("streams"))) {
                return streams.map(path -> path.getFileName().toString())
                        .filter(name -> name.startsWith(prefix))
                        .findFirst()
                        .orElseThrow();
            }
        }

        /** Lets a link of the store lead to where one of the foreign store leads. */
        private void relink(Path link, Path foreignLink) throws IOException {
            Path target = Files.readSymbolicLink(foreign.resolve(foreignLink));
            Files.deleteIfExists(store.resolve(link));
            Files.createSymbolicLink(store.resolve(link), target);
        }

        private void flip(VerityDigest object) throws IOException {
            Path path = store.resolve("objects").resolve(object.objectPath());
            byte[] bytes = Files.readAllBytes(path);
            bytes[bytes.length / 2] ^= 1;
            Files.delete(path); // where the file system has fs-verity it cannot be written to
            Files.write(path, bytes);
        }

        private VerityDigest target(Path link) throws IOException {
            Path target = Files.readSymbolicLink(store.resolve(link));
            return new VerityDigest(
                    VerityAlgorithm.SHA256_4K,
                    target.getName(2) + target.getName(3).toString());
        }

        private Path streamOf(Layer layer) {
            return Path.of("streams", OciStreams.layerId(layer.diffId()));
        }

        void edit(Edit edit) throws Exception {
            switch (edit) {
                case LAYER_STREAM -> {
                    for (int i = 0; i < layers.length; i++) {
                        relink(streamOf(layers[i]), streamOf(foreignLayers[i]));
                    }
                }
                case OBJECT ->
                    flip(dev.bulla.composefs.FsVerityDigester.of(
                            VerityAlgorithm.SHA256_4K, "A".repeat(5000).getBytes(StandardCharsets.UTF_8)));
                case LAYER_STREAM_OBJECT -> flip(target(streamOf(layers[0])));
                case IMAGE_OBJECT -> flip(target(Path.of("images", told.image)));
                case IMAGE_REFERENCE -> {
                    Path references = store.resolve("images/refs/oci");
                    try (Stream<Path> links = Files.list(references)) {
                        for (Path link : links.toList()) {
                            Files.delete(link);
                            Files.createSymbolicLink(link, Path.of("../..", foreignImage));
                        }
                    }
                }
                case CONFIG_STREAM ->
                    relink(
                            Path.of("streams", only(store, "oci-config-")),
                            Path.of("streams", only(foreign, "oci-config-")));
                case MANIFEST_STREAM ->
                    relink(Path.of("streams", manifestId), Path.of("streams", only(foreign, "oci-manifest-")));
                case TAG -> {
                    relink(
                            Path.of("streams", only(foreign, "oci-manifest-")),
                            Path.of("streams", only(foreign, "oci-manifest-")));
                    try (Stream<Path> links = Files.list(store.resolve("streams/refs/oci"))) {
                        for (Path link : links.toList()) {
                            Files.delete(link);
                            Files.createSymbolicLink(link, Path.of("../..", only(foreign, "oci-manifest-")));
                        }
                    }
                }
                case READABLE_RECORD -> replaceFiles(store.resolve("records"), foreign.resolve("records"));
                case AUTHENTICATED_RECORD ->
                    replaceFiles(store.resolve("records/authenticated"), foreign.resolve("records/authenticated"));
                case ALL -> {
                    for (Edit each : Edit.values()) {
                        boolean foreignForOurs = each != Edit.ALL
                                && each != Edit.OBJECT
                                && each != Edit.LAYER_STREAM_OBJECT
                                && each != Edit.IMAGE_OBJECT;
                        if (foreignForOurs) {
                            edit(each);
                        }
                    }
                    for (Layer layer : foreignLayers) {
                        relink(streamOf(layer), streamOf(layer));
                    }
                    // The image's own link leads to the foreign image, whose fs-verity is in order.
                    Files.delete(store.resolve("images").resolve(told.image));
                    Files.createSymbolicLink(
                            store.resolve("images").resolve(told.image),
                            Files.readSymbolicLink(foreign.resolve("images").resolve(foreignImage)));
                }
            }
        }

        /** Gives each file the content of one of the foreign store's. */
        private void replaceFiles(Path ours, Path theirs) throws IOException {
            if (!Files.isDirectory(ours)) {
                return;
            }
            Path content;
            try (Stream<Path> files = Files.list(theirs)) {
                content = files.filter(Files::isRegularFile).findFirst().orElseThrow();
            }
            try (Stream<Path> files = Files.list(ours)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(content, file, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }

        /** The image that was asked for stands under its digest, and its names lead to it. */
        void assertOurs(Told again) throws Exception {
            assertThat(again.image).isEqualTo(told.image);
            try (ObjectStore open = ObjectStore.openForReading(store)) {
                VerityDigest image = new VerityDigest(VerityAlgorithm.SHA256_4K, told.image);
                assertThat(open.find(image)).isPresent();
                assertThat(store.resolve("images").resolve(told.image).toRealPath())
                        .isEqualTo(open.path(image).toRealPath());
                String name = ImageRecords.referenceName("oci:" + layout.folder() + ":v1");
                assertThat(open.references().get(name)).contains(image);
                OciStreams streams = new OciStreams(open);
                Digest manifest = streams.tagged(name).orElseThrow();
                assertThat(OciStreams.manifestId(manifest)).isEqualTo(manifestId);
                assertThat(streams.manifest(manifest)).isPresent();
                for (Layer layer : layers) {
                    Optional<LayerStream> stream = streams.layer(layer.diffId());
                    if (stream.isPresent()) {
                        try (LayerStream tar = stream.orElseThrow()) {
                            tar.readAllBytes();
                        }
                    }
                }
            }
        }
    }

    private void assertForeignIsNeverAccepted(Edit edit, String... options) throws Exception {
        Victim victim = new Victim(options);
        victim.edit(edit);
        takeAway(victim.layers);
        // Without the registry's layers: what can be proven, or nothing.
        CommandRun offline = run(store, "v1", options);
        if (offline.code() == 0) {
            assertThat(JsonCursor.parse(offline.out().strip())
                            .object()
                            .required("composefs")
                            .object()
                            .required("digest")
                            .string())
                    .isEqualTo(victim.told.image);
        } else {
            assertThat(offline.out()).isEmpty();
        }
        image("v1", "");
        CommandRun online = run(store, "v1", options);
        if (edit == Edit.ALL) {
            // The image's link leads elsewhere: that is left for whoever looks into it.
            assertThat(online.code()).isEqualTo(ExitCode.STORE.code());
            assertThat(online.err()).contains(victim.told.image);
            Files.delete(store.resolve("images").resolve(victim.told.image));
        }
        victim.assertOurs(pull("v1", options));
        assertThat(Files.exists(store.resolve("staging"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(store.resolve("staging")).isEmptyDirectory();
    }

    @ParameterizedTest
    @EnumSource(Edit.class)
    void pull_storeEditedOffline_neverAcceptsForeignContent(Edit edit) throws Exception {
        assertForeignIsNeverAccepted(edit);
    }

    @ParameterizedTest
    @EnumSource(Edit.class)
    void pull_storeEditedOfflineWithRecords_neverAcceptsForeignContent(Edit edit) throws Exception {
        assertForeignIsNeverAccepted(edit, recordKey("1"));
    }

    @Test
    void pull_brokenStoredStream_isSaidAndReplaced() throws Exception {
        Victim victim = new Victim(new String[0]);
        victim.edit(Edit.LAYER_STREAM);
        Told again = pull("v1");
        assertThat(again.sources).containsExactly(FETCHED, FETCHED);
        assertThat(again.notes)
                .hasSize(2)
                .allSatisfy(note -> assertThat(note).contains("is not used").contains("expected sha256:"));
        assertThat(pull("v1").sources).containsExactly(HASHED, HASHED);
    }

    @Test
    void pull_brokenStoredObject_isSaidAndReplaced() throws Exception {
        Victim victim = new Victim(new String[0]);
        victim.edit(Edit.OBJECT);
        Told again = pull("v1");
        assertThat(again.sources).containsExactly(FETCHED, HASHED);
        assertThat(again.notes).anySatisfy(note -> assertThat(note).contains("is replaced"));
        assertThat(pull("v1").sources).containsExactly(HASHED, HASHED);
    }

    @Test
    void pull_brokenStoredStreamWithKeepTarNone_isDropped() throws Exception {
        Victim victim = new Victim(new String[0]);
        victim.edit(Edit.LAYER_STREAM);
        pull("v1", "--keep-tar", "none");
        for (Layer layer : victim.layers) {
            assertThat(Files.exists(store.resolve(victim.streamOf(layer)), LinkOption.NOFOLLOW_LINKS))
                    .isFalse();
        }
    }
}
