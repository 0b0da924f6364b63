package dev.bulla.guest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.InMemory;
import dev.bulla.guest.TestLayout;
import dev.bulla.guest.TestLayout.Layer;
import dev.bulla.guest.layer.KeepTar;
import dev.bulla.guest.layer.LayerException;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.XattrSelection;
import dev.bulla.guest.signature.SignaturePlaces;
import dev.bulla.guest.store.StoreTrust;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.Platform;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.ocicrypt.EncryptedLayer;
import dev.bulla.ocicrypt.KbsPacketOpener;
import dev.bulla.ocicrypt.KbsPacketWrap;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.LayerEncryptor;
import dev.bulla.policy.ExpectedBy;
import dev.bulla.policy.MatrixCell;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyEvaluator;
import dev.bulla.policy.PolicyRejectedException;
import dev.bulla.policy.time.TrustedTime;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.LayoutSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a host can make of an encrypted image that nobody signed, all of whose keys a pinned KBS gives: what is allowed by
 * default, and says that the configuration is unauthenticated, and that nothing of it passes where policy expects an image by
 * its digest.
 */
class UnsignedImageAttackTest {
    private static final byte[] KEY = new byte[32];
    private static final String DEFAULT = policy("");
    private static final InstantSource CLOCK = () -> Instant.parse("2026-11-01T00:00:00Z");

    @TempDir(factory = InMemory.class)
    private Path folder;

    private Path store;
    private TestLayout layout;
    private final StoreTrust trust = StoreTrust.none();

    /** The tenant's image: two layers, of which the upper replaces a file of the lower. */
    private List<Layer> plain = List.of();

    private List<Layer> encrypted = List.of();
    private Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, Digest.Algorithm.SHA256.of(KEY), 1);
    private Descriptor manifest = config;

    @BeforeEach
    void makeImage() throws Exception {
        store = folder.resolve("store");
        layout = new TestLayout(folder.resolve("layout"));
        plain = List.of(layout.layer("etc/app", "lower".repeat(100)), layout.layer("etc/app", "upper".repeat(100)));
        encrypted = List.of(encrypted(plain.get(0)), encrypted(plain.get(1)));
        config = config("/bin/app", encrypted);
        manifest = manifest(config, encrypted);
    }

    private static String policy(String encryptedUnsigned) {
        return "{'default':[{'type':'insecureAcceptAnything'}],'bulla':{'version':1,'matrix':"
                + "{'encryptedUnsigned':{'allow':true" + encryptedUnsigned + "}}}}";
    }

    private static String expecting(String kind, String... digests) {
        return policy(",'expect':{'" + kind + "':['" + String.join("','", digests) + "']}");
    }

    private Layer encrypted(Layer layer) throws Exception {
        byte[] plaintext = Files.readAllBytes(layout.path(layer.descriptor().digest()));
        ByteArrayOutputStream ciphertext = new ByteArrayOutputStream();
        EncryptedLayer result = new LayerEncryptor(
                        List.of(new KbsPacketWrap("kbs:///default/key/1", KEY.clone(), new SecureRandom())),
                        new SecureRandom())
                .encrypt(new ByteArrayInputStream(plaintext), ciphertext);
        return new Layer(
                layout.blob(
                        layer.descriptor().mediaType() + "+encrypted", ciphertext.toByteArray(), result.annotations()),
                layer.diffId());
    }

    private Descriptor config(String entrypoint, List<Layer> layers) throws IOException {
        String diffIds =
                layers.stream().map(layer -> "\"" + layer.diffId() + "\"").collect(Collectors.joining(","));
        Platform here = Platform.current();
        return layout.blob(
                MediaTypes.OCI_CONFIG,
                ("{\"architecture\":\"" + here.architecture() + "\",\"os\":\"" + here.os()
                                + "\",\"config\":{\"Entrypoint\":[\"" + entrypoint
                                + "\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private Descriptor manifest(Descriptor ofConfig, List<Layer> layers) throws IOException {
        return layout.manifest(ofConfig, layers.stream().map(Layer::descriptor).toList());
    }

    private PullResult pull(Descriptor served, String policy) throws Exception {
        return pull("oci:" + layout.folder() + ":v1", served, policy);
    }

    private PullResult pull(String name, Descriptor served, String policy) throws Exception {
        layout.tag("v1", served);
        PolicyEvaluator evaluator = new PolicyEvaluator(
                Policy.parse(policy.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "policy.json"),
                (uri, limit) -> {
                    throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there are none");
                },
                new TrustedTime(CLOCK.instant(), CLOCK));
        PullRequest request = new PullRequest(
                ImageName.parse(name),
                Platform.current(),
                store,
                FormatVersion.V1,
                XattrSelection.ALL,
                KeepTar.FULL,
                LayerLimits.DEFAULTS,
                true,
                false);
        try (ObjectStore opened = ObjectStore.openOrCreate(store, VerityAlgorithm.SHA256_4K);
                ImageSource source = LayoutSource.open(layout.folder())) {
            return new ImagePull(
                            source,
                            SignaturePlaces.of(source),
                            reference -> {
                                throw new AssertionError("no policy here asks for a base image");
                            },
                            evaluator,
                            new LayerDecryptor(List.of(new KbsPacketOpener((uri, limit) -> KEY.clone()))),
                            true,
                            trust,
                            PullEvents.NONE,
                            PullProgress.NONE,
                            CLOCK,
                            new SecureRandom())
                    .run(request, opened, ImageCheck.NONE)
                    .result();
        }
    }

    private PolicyRejectedException refused(Descriptor served, String policy) {
        PolicyRejectedException refusal =
                catchThrowableOfType(PolicyRejectedException.class, () -> pull(served, policy));
        assertThat(refusal).as("refused by policy").isNotNull().hasMessageNotContaining("\n");
        return refusal;
    }

    private static String config(PullResult result) throws Exception {
        return JsonCursor.parse(JsonWriter.compact(result.decision().toJson()))
                .object()
                .required("config")
                .string();
    }

    /** Files and links in the store, but for what any store has. */
    private List<Path> stored() throws IOException {
        try (Stream<Path> paths = Files.walk(store)) {
            return paths.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .filter(path -> !path.equals(store.resolve("meta.json")))
                    .toList();
        }
    }

    private String composefs(Descriptor served) throws Exception {
        Path kept = store;
        store = folder.resolve("elsewhere");
        String digest = "sha256:" + pull(served, DEFAULT).composefs().hex();
        store = kept;
        return digest;
    }

    // What the tenant made.

    @Test
    void pull_theTenantsImage_allowedAndSaysThatTheConfigIsUnauthenticated() throws Exception {
        PullResult result = pull(manifest, DEFAULT);
        assertThat(config(result)).isEqualTo("unauthenticated");
        assertThat(result.decision().matrix().orElseThrow().cell()).isEqualTo(MatrixCell.ENCRYPTED_UNSIGNED);
    }

    @Test
    void pull_theTenantsImageIsExpected_authenticated() throws Exception {
        for (String policy : List.of(
                expecting("manifests", manifest.digest().toString()),
                expecting("configs", config.digest().toString()))) {
            PullResult result = pull(manifest, policy);
            assertThat(config(result)).isEqualTo("authenticated");
            assertThat(result.decision().matrix().orElseThrow().secured()).isFalse();
        }
    }

    /** What its files are is fixed then; what is run of them is not, and the decision says so. */
    @Test
    void pull_theTenantsFilesAreExpected_allowedAndTheConfigStaysUnauthenticated() throws Exception {
        String expected = composefs(manifest);
        PullResult result = pull(manifest, expecting("composefs", expected));
        assertThat(result.decision().matrix().orElseThrow().expected()).contains(ExpectedBy.COMPOSEFS);
        assertThat(result.decision().requiredComposefs()).isEmpty();
        assertThat(config(result)).isEqualTo("unauthenticated");
    }

    // What the host makes of it.

    /** Another image of the same tenant's, under the same key. */
    private List<Layer> otherImage() throws Exception {
        return List.of(
                encrypted(layout.layer("etc/other", "other".repeat(100))),
                encrypted(layout.layer("etc/more", "more".repeat(100))));
    }

    /** A change that needs no key; the diff_ids are those of the layers, so that the parts fit together. */
    enum Change {
        ENTRYPOINT(true),
        ORDER(true),
        DROPPED_LAYER(true),
        MIXED_LAYERS(true),
        STRIPPED_OF_ONE(false),
        STRIPPED_OF_ALL(false);

        private final boolean allowedByDefault;

        Change(boolean allowedByDefault) {
            this.allowedByDefault = allowedByDefault;
        }
    }

    private Descriptor changed(Change change) throws Exception {
        List<Layer> layers = switch (change) {
            case ENTRYPOINT -> encrypted;
            case ORDER -> encrypted.reversed();
            case DROPPED_LAYER -> encrypted.subList(0, 1);
            case MIXED_LAYERS -> List.of(encrypted.get(0), otherImage().get(1));
            case STRIPPED_OF_ONE -> List.of(encrypted.get(0), layout.layer("etc/app", "the host's"));
            case STRIPPED_OF_ALL -> List.of(layout.layer("a", "the host's"), layout.layer("etc/app", "the host's"));
        };
        return manifest(config(change == Change.ENTRYPOINT ? "/bin/sh" : "/bin/app", layers), layers);
    }

    @ParameterizedTest
    @EnumSource
    void pull_changedByTheHost_byDefault(Change change) throws Exception {
        Descriptor served = changed(change);
        if (change.allowedByDefault) {
            PullResult result = pull(served, DEFAULT);
            assertThat(result.manifestDigest()).isEqualTo(served.digest());
            assertThat(config(result)).isEqualTo("unauthenticated");
            assertThat(result.decision().toText()).contains("config: unauthenticated");
        } else {
            assertThat(refused(served, DEFAULT)
                            .decision()
                            .matrix()
                            .orElseThrow()
                            .cell())
                    .isEqualTo(MatrixCell.UNENCRYPTED_UNSIGNED);
            assertThat(stored()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void pull_changedByTheHost_isNotTheExpectedManifest(Change change) throws Exception {
        Descriptor served = changed(change);
        PolicyRejectedException refusal =
                refused(served, expecting("manifests", manifest.digest().toString()));
        if (change.allowedByDefault) {
            assertThat(refusal)
                    .hasMessageContaining("got manifest " + served.digest() + ", expected " + manifest.digest());
        }
        assertThat(stored()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void pull_changedByTheHost_isNotTheExpectedConfig(Change change) throws Exception {
        PolicyRejectedException refusal =
                refused(changed(change), expecting("configs", config.digest().toString()));
        if (change.allowedByDefault) {
            assertThat(refusal).hasMessageContaining("got config ").hasMessageContaining("expected " + config.digest());
        }
        assertThat(stored()).isEmpty();
    }

    /** All but the entrypoint, which is no file: what the files are is known only when the image is made. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ENTRYPOINT")
    void pull_changedByTheHost_isNotTheExpectedComposefsAndLeavesNothing(Change change) throws Exception {
        String expected = composefs(manifest);
        PolicyRejectedException refusal = refused(changed(change), expecting("composefs", expected));
        if (change.allowedByDefault) {
            assertThat(refusal)
                    .hasMessageContaining("got composefs sha256:")
                    .hasMessageContaining("expected " + expected);
        }
        assertThat(stored()).isEmpty();
    }

    /** The configuration is the tenant's, and its diff_ids tell that the layers are not. */
    @Test
    void pull_expectedConfigUnderAnotherManifest_layersMustFitIt() throws Exception {
        String policy = expecting("configs", config.digest().toString());
        assertThat(pull(manifest, policy).configDigest()).isEqualTo(config.digest());
        store = folder.resolve("another");
        List<List<Layer>> others = List.of(
                encrypted.reversed(), List.of(encrypted.get(0), otherImage().get(1)), otherImage());
        for (List<Layer> layers : others) {
            assertThat(catchThrowable(() -> pull(manifest(config, layers), policy)))
                    .isInstanceOf(LayerException.class)
                    .hasMessageContaining("diff_id");
            assertThat(stored()).isEmpty();
        }
        assertThat(catchThrowable(() -> pull(manifest(config, encrypted.subList(0, 1)), policy)))
                .isInstanceOf(ContentException.class)
                .hasMessageContaining("diff_ids");
    }

    /** Wherever the bytes come from, here from a folder, the scope is that of the name that the tenant uses. */
    @Test
    void pull_servedFromElsewhere_isJudgedByTheNameThatWasAskedFor() throws Exception {
        String scoped = "{'default':[{'type':'reject'}],'transports':{"
                + "'TRANSPORT':{'SCOPE':[{'type':'insecureAcceptAnything'}]}}}";
        String asked = "registry.example/app:v1";
        PullResult result =
                pull(asked, manifest, scoped.replace("TRANSPORT", "docker").replace("SCOPE", "registry.example/app"));
        assertThat(result.decision().scope()).isEqualTo("docker:registry.example/app");
        String source = scoped.replace("TRANSPORT", "oci")
                .replace("SCOPE", layout.folder().toRealPath().toString());
        assertThat(pull(manifest, source).decision().scope()).startsWith("oci:");
        assertThat(catchThrowableOfType(PolicyRejectedException.class, () -> pull(asked, manifest, source)))
                .hasMessageContaining("scope \"default\"");
    }

    // What is in the store already.

    /** An image that is known by its configuration is no less judged for it: not by its manifest, and not by its name. */
    @Test
    void pull_storedConfigUnderAnotherManifest_isJudgedAgain() throws Exception {
        String policy = expecting("manifests", manifest.digest().toString());
        assertThat(sources(pull(manifest, policy))).containsOnly(LayerSource.FETCHED);
        List<Layer> again = List.of(encrypted(plain.get(0)), encrypted(plain.get(1)));
        Descriptor other = manifest(config, again);
        assertThat(refused(other, policy)).hasMessageContaining("got manifest " + other.digest());
    }

    @Test
    void pull_storedImageUnderAChangedPolicy_isJudgedAgainAndRefused() throws Exception {
        assertThat(sources(pull(manifest, DEFAULT))).containsOnly(LayerSource.FETCHED);
        List<Path> before = stored();
        for (String changed : List.of(
                expecting("manifests", Digest.Algorithm.SHA256.of(KEY).toString()),
                expecting("composefs", Digest.Algorithm.SHA256.of(KEY).toString()),
                policy(",'wraps':['jwe']"),
                policy("").replace("'allow':true", "'allow':false"),
                policy("").replace("insecureAcceptAnything", "reject"))) {
            refused(manifest, changed);
            assertThat(stored()).containsExactlyInAnyOrderElementsOf(before);
        }
        assertThat(sources(pull(manifest, DEFAULT))).doesNotContain(LayerSource.FETCHED);
    }

    /** The plain layer is there, and fits: but what is served is encrypted, or it is not the tenant's. */
    @Test
    void pull_requiredEncryptedLayers_refuseTheMixedImage() throws Exception {
        String required = "{'default':[{'type':'insecureAcceptAnything'}],'bulla':{'version':1,'matrix':"
                + "{'unencryptedUnsigned':{'allow':true},'requireEncryptedLayers':[1]}}}";
        List<Layer> upperPlain = List.of(encrypted.get(0), plain.get(1));
        assertThat(refused(manifest(config, upperPlain), required))
                .hasMessageContaining("requireEncryptedLayers: layer 1 is not encrypted");
        List<Layer> lowerPlain = List.of(plain.get(0), encrypted.get(1));
        assertThat(pull(manifest(config, lowerPlain), required).layers())
                .extracting(PullResult.Layer::encrypted)
                .containsExactly(false, true);
    }

    private static List<LayerSource> sources(PullResult result) {
        List<LayerSource> sources = new ArrayList<>();
        result.layers().forEach(layer -> sources.add(layer.source()));
        return sources;
    }
}
