package dev.bulla.guest.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.guest.TestLayout;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.registry.ContentMismatchException;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.Lookaside;
import dev.bulla.registry.LookasideConfiguration;
import dev.bulla.registry.Referrers;
import dev.bulla.registry.RegistryOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturePlacesTest {
    private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
    private static final String NOTATION = "application/vnd.cncf.notary.signature";
    private static final String COSIGN = "application/vnd.dev.cosign.artifact.sig.v1+json";
    private static final Digest SIGNED = Digest.Algorithm.SHA256.of(new byte[1]);
    private static final Digest EMPTY = Digest.Algorithm.SHA256.of(new byte[0]);

    @TempDir
    Path folder;

    private TestLayout layout;

    @BeforeEach
    void makeLayout() throws Exception {
        layout = new TestLayout(folder);
    }

    private List<StoredSignature> attachments(Descriptor... payloads) throws Exception {
        Descriptor config = layout.config(List.of());
        layout.tag("sha256-" + SIGNED.hex() + ".sig", layout.manifest(config, List.of(payloads)));
        try (LayoutSource source = LayoutSource.open(folder)) {
            return SignaturePlaces.of(source).signatures(StoredSignature.Kind.SIGSTORE_ATTACHMENT, SIGNED);
        }
    }

    private Descriptor payload(int length, int fill) throws Exception {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return layout.blob(StoredSignature.SIMPLE_SIGNING, bytes, Map.of());
    }

    @Test
    void attachments_payloadsAtTheLimitTogether_areGiven() throws Exception {
        int half = SignatureSource.MAX_SIGNATURES_LENGTH / 2;
        assertThat(attachments(payload(half, 1), payload(half, 2))).hasSize(2);
    }

    @Test
    void attachments_payloadsOverTheLimitTogether_areRefusedBeforeTheyAreHeld() throws Exception {
        int half = SignatureSource.MAX_SIGNATURES_LENGTH / 2;
        assertThatThrownBy(() -> attachments(payload(half, 1), payload(half, 2), payload(1, 3)))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("8388608");
    }

    private List<StoredSignature> read(StoredSignature.Kind kind) throws Exception {
        try (LayoutSource source = LayoutSource.open(folder)) {
            return SignaturePlaces.of(source).signatures(kind, SIGNED);
        }
    }

    /** An artifact that refers to {@code subject}; without a type, its configuration's counts. */
    private Descriptor artifact(Optional<String> type, String configType, Digest subject, Descriptor... layers)
            throws Exception {
        Descriptor config = layout.blob(configType, "{}".getBytes(StandardCharsets.UTF_8));
        JsonObject.Builder manifest = JsonObject.builder();
        Manifest.toJson(config, List.of(layers)).members().forEach(manifest::put);
        type.ifPresent(text -> manifest.put("artifactType", text));
        manifest.put(
                "subject", Descriptor.of(MediaTypes.OCI_MANIFEST, subject, 7).toJson());
        return layout.blob(
                MediaTypes.OCI_MANIFEST, JsonWriter.compact(manifest.build()).getBytes(StandardCharsets.UTF_8));
    }

    private Descriptor artifact(String type, Descriptor... layers) throws Exception {
        return artifact(Optional.of(type), "application/vnd.oci.empty.v1+json", SIGNED, layers);
    }

    private Descriptor layer(String type, String content) throws Exception {
        return layout.blob(type, content.getBytes(StandardCharsets.UTF_8), Map.of("a", content));
    }

    /** Makes the list of what refers to the signed object, as a source says it. */
    private void list(String type, Descriptor... artifacts) throws Exception {
        Optional<byte[]> list = Optional.empty();
        for (Descriptor artifact : artifacts) {
            list = Optional.of(Referrers.with(list, artifact, type));
        }
        layout.tag(Referrers.tag(SIGNED), layout.blob(MediaTypes.OCI_INDEX, list.orElseThrow()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                BUNDLE,
                "application/vnd.dev.sigstore.bundle+json;version=0.3",
                "application/vnd.dev.sigstore.bundle+json;version=0.2",
                "application/vnd.dev.sigstore.bundle+json;version=0.1"
            })
    void bundle_ofEveryVersion_isGivenWithItsType(String type) throws Exception {
        list(type, artifact(type, layer(type, "bundle")));
        assertThat(read(StoredSignature.Kind.SIGSTORE_BUNDLE)).singleElement().satisfies(bundle -> {
            assertThat(bundle.kind()).isEqualTo(StoredSignature.Kind.SIGSTORE_BUNDLE);
            assertThat(bundle.mediaType()).isEqualTo(type);
            assertThat(bundle.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("bundle");
            assertThat(bundle.annotations()).containsEntry("a", "bundle");
            assertThat(bundle.flaw()).isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/jose+json", "application/cose"})
    void notation_bothEnvelopes_areGiven(String type) throws Exception {
        list(NOTATION, artifact(NOTATION, layer(type, "envelope")));
        assertThat(read(StoredSignature.Kind.NOTATION))
                .singleElement()
                .satisfies(envelope -> assertThat(envelope.mediaType()).isEqualTo(type));
    }

    @Test
    void notation_typedByItsConfiguration_isGiven() throws Exception {
        list(NOTATION, artifact(Optional.empty(), NOTATION, SIGNED, layer("application/cose", "envelope")));
        assertThat(read(StoredSignature.Kind.NOTATION))
                .hasSize(1)
                .allMatch(one -> one.flaw().isEmpty());
    }

    @Test
    void attachments_underTheTagAndReferring_areGivenTogether() throws Exception {
        layout.tag(
                "sha256-" + SIGNED.hex() + ".sig",
                layout.manifest(layout.config(List.of()), List.of(layer(StoredSignature.SIMPLE_SIGNING, "tagged"))));
        list(
                COSIGN,
                artifact(
                        Optional.empty(),
                        COSIGN,
                        SIGNED,
                        layer(StoredSignature.SIMPLE_SIGNING, "one"),
                        layer("application/vnd.other", "other"),
                        layer(StoredSignature.SIMPLE_SIGNING, "two")));
        assertThat(read(StoredSignature.Kind.SIGSTORE_ATTACHMENT))
                .extracting(one -> new String(one.bytes(), StandardCharsets.UTF_8))
                .containsExactly("tagged", "one", "two");
    }

    @Test
    void kinds_areKeptApart() throws Exception {
        list(BUNDLE, artifact(BUNDLE, layer(BUNDLE, "bundle")));
        assertThat(read(StoredSignature.Kind.NOTATION)).isEmpty();
        assertThat(read(StoredSignature.Kind.SIGSTORE_ATTACHMENT)).isEmpty();
        assertThat(read(StoredSignature.Kind.SIMPLE_SIGNING)).isEmpty();
    }

    @Test
    void referrer_listedTwice_isGivenOnce() throws Exception {
        Descriptor artifact = artifact(BUNDLE, layer(BUNDLE, "bundle"));
        list(BUNDLE, artifact);
        layout.tag("own", artifact);
        assertThat(read(StoredSignature.Kind.SIGSTORE_BUNDLE)).hasSize(1);
    }

    private void flawed(String reason) throws Exception {
        assertThat(read(StoredSignature.Kind.SIGSTORE_BUNDLE)).singleElement().satisfies(one -> {
            assertThat(one.flaw()).hasValueSatisfying(flaw -> assertThat(flaw).contains(reason));
            assertThat(one.length()).isZero();
        });
    }

    @Test
    void referrer_ofAnotherManifest_isFlawed() throws Exception {
        Digest other = Digest.Algorithm.SHA256.of(new byte[2]);
        list(BUNDLE, artifact(Optional.of(BUNDLE), "x/y", other, layer(BUNDLE, "bundle")));
        flawed("it refers to " + other);
    }

    @Test
    void referrer_thatIsNotThere_isFlawed() throws Exception {
        list(BUNDLE, Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of(new byte[3]), 3));
        flawed("it is listed, and it is not there");
    }

    @Test
    void referrer_ofNothing_isFlawed() throws Exception {
        Descriptor config = layout.blob(BUNDLE, new byte[2]);
        list(BUNDLE, layout.manifest(config, List.of(layer(BUNDLE, "bundle"))));
        flawed("it refers to nothing");
    }

    @Test
    void referrer_ofAnotherTypeThanListed_isFlawed() throws Exception {
        list(BUNDLE, artifact(NOTATION, layer(BUNDLE, "bundle")));
        flawed("not of the one under which it is listed");
    }

    @Test
    void referrer_thatIsAnIndex_isFlawed() throws Exception {
        list(
                BUNDLE,
                layout.blob(
                        MediaTypes.OCI_INDEX,
                        "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(StandardCharsets.UTF_8)));
        flawed("it is an index");
    }

    @Test
    void referrer_thatIsNoManifest_isFlawed() throws Exception {
        list(BUNDLE, layout.blob(MediaTypes.OCI_MANIFEST, "{}".getBytes(StandardCharsets.UTF_8)));
        flawed("schemaVersion");
    }

    @Test
    void bundle_withoutALayer_isFlawed() throws Exception {
        list(BUNDLE, artifact(BUNDLE));
        flawed("it has 0 layers");
    }

    @Test
    void bundle_withTwoLayers_isFlawed() throws Exception {
        list(BUNDLE, artifact(BUNDLE, layer(BUNDLE, "a"), layer(BUNDLE, "b")));
        flawed("it has 2 layers");
    }

    @Test
    void bundle_withALayerOfAnotherType_isFlawed() throws Exception {
        list(BUNDLE, artifact(BUNDLE, layer("application/json", "a")));
        flawed("application/json");
    }

    @Test
    void bundle_lengthAtTheLimit_isGiven() throws Exception {
        list(BUNDLE, artifact(BUNDLE, layout.blob(BUNDLE, new byte[SignatureSource.MAX_SIGNATURE_LENGTH])));
        assertThat(read(StoredSignature.Kind.SIGSTORE_BUNDLE))
                .singleElement()
                .satisfies(one -> assertThat(one.length()).isEqualTo(SignatureSource.MAX_SIGNATURE_LENGTH));
    }

    @Test
    void bundle_lengthOverTheLimit_isFlawedAndNotRead() throws Exception {
        Descriptor absent = Descriptor.of(
                BUNDLE, Digest.Algorithm.SHA256.of(new byte[3]), SignatureSource.MAX_SIGNATURE_LENGTH + 1);
        list(BUNDLE, artifact(BUNDLE, absent));
        flawed("limit 4194304");
    }

    @Test
    void flawedOne_doesNotHideTheOthers() throws Exception {
        list(BUNDLE, artifact(BUNDLE), artifact(BUNDLE, layer(BUNDLE, "bundle")));
        assertThat(read(StoredSignature.Kind.SIGSTORE_BUNDLE))
                .extracting(one -> one.flaw().isPresent())
                .containsExactly(true, false);
    }

    @Test
    void referrer_whoseBytesAreOthers_endsTheEvaluation() throws Exception {
        Descriptor artifact = artifact(BUNDLE, layer(BUNDLE, "bundle"));
        list(BUNDLE, artifact);
        Files.write(layout.path(artifact.digest()), new byte[(int) artifact.size()]);
        assertThatThrownBy(() -> read(StoredSignature.Kind.SIGSTORE_BUNDLE))
                .isInstanceOf(ContentMismatchException.class);
    }

    @Test
    void attachments_asManyAsAllowed_areGiven() throws Exception {
        assertThat(attachments(payloads(SignatureSource.MAX_SIGNATURES))).hasSize(SignatureSource.MAX_SIGNATURES);
    }

    @Test
    void attachments_oneMore_areRefusedBeforeAnyIsRead() {
        assertThatThrownBy(() -> attachments(payloads(SignatureSource.MAX_SIGNATURES + 1)))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("more than 128");
    }

    private Descriptor[] payloads(int count) throws Exception {
        layout.blob(StoredSignature.SIMPLE_SIGNING, new byte[0]);
        return Collections.nCopies(count, Descriptor.of(StoredSignature.SIMPLE_SIGNING, EMPTY, 0))
                .toArray(new Descriptor[0]);
    }

    /** A lookaside store in a folder of its own, with these blobs for the signed object. */
    private List<StoredSignature> beside(StoredSignature.Kind kind, byte[]... blobs) throws Exception {
        Path store = Files.createDirectories(folder.resolve("store"));
        Path signed = Files.createDirectories(store.resolve("team/app@sha256=" + SIGNED.hex()));
        for (int i = 0; i < blobs.length; i++) {
            Files.write(signed.resolve("signature-" + (i + 1)), blobs[i]);
        }
        Path configuration = Files.createDirectories(folder.resolve("registries.d"));
        Files.writeString(configuration.resolve("a.yaml"), "default-docker: {lookaside: \"" + store.toUri() + "\"}");
        try (LayoutSource source = LayoutSource.open(folder);
                Lookaside lookaside =
                        Lookaside.open(LookasideConfiguration.read(configuration), RegistryOptions.defaults())) {
            return SignaturePlaces.of(source, ImageReference.parse("reg.example/team/app:1"), lookaside)
                    .signatures(kind, SIGNED);
        }
    }

    private static byte[] openPgp(int content) {
        return new byte[] {(byte) 0xA3, (byte) content};
    }

    private static byte[] sigstore() {
        return ("\0sigstore-json\n{\"mimeType\":\"" + StoredSignature.SIMPLE_SIGNING + "\",\"payload\":\"e30=\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void lookaside_bothKinds_areGivenEachToItsOwn() throws Exception {
        layout.tag("none", layout.manifest(layout.config(List.of()), List.of()));
        assertThat(beside(StoredSignature.Kind.SIMPLE_SIGNING, openPgp(1), sigstore(), openPgp(2)))
                .extracting(StoredSignature::bytes)
                .containsExactly(openPgp(1), openPgp(2));
        assertThat(beside(StoredSignature.Kind.SIGSTORE_ATTACHMENT, openPgp(1), sigstore(), openPgp(2)))
                .extracting(StoredSignature::mediaType)
                .containsExactly(StoredSignature.SIMPLE_SIGNING);
    }

    @Test
    void lookaside_blobThatIsNone_endsTheEvaluation() throws Exception {
        layout.tag("none", layout.manifest(layout.config(List.of()), List.of()));
        assertThatThrownBy(() -> beside(
                        StoredSignature.Kind.SIMPLE_SIGNING, openPgp(1), "<html>".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("lookaside signature 2");
    }

    @ParameterizedTest
    @EnumSource(names = {"SIMPLE_SIGNING", "SIGSTORE_ATTACHMENT"})
    void lookaside_moreThanAllowed_areRefusedWhateverTheirKind(StoredSignature.Kind kind) throws Exception {
        layout.tag("none", layout.manifest(layout.config(List.of()), List.of()));
        byte[][] blobs = new byte[SignatureSource.MAX_SIGNATURES][];
        Arrays.setAll(blobs, SignaturePlacesTest::openPgp);
        assertThat(beside(kind, blobs)).hasSize(kind == StoredSignature.Kind.SIMPLE_SIGNING ? 128 : 0);
        byte[][] more = Arrays.copyOf(blobs, blobs.length + 1);
        more[blobs.length] = openPgp(0);
        assertThatThrownBy(() -> beside(kind, more))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("more than 128");
    }
}
