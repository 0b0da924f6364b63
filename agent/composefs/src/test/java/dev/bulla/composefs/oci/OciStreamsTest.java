package dev.bulla.composefs.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.BrokenObjectException;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.store.StoreLayoutException;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.composefs.stream.SplitStreamWriter;
import dev.bulla.composefs.stream.StreamFile;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OciStreamsTest {
    private static final byte[] JSON = "{\"config\":1}".getBytes(StandardCharsets.US_ASCII);
    private static final Digest DIGEST = Digest.Algorithm.SHA256.of(JSON);
    private static final byte[] HEAD = "the head, inline, ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BODY = "the body, an object".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    private static final Digest DIFF_ID = Digest.Algorithm.SHA256.of(concat(HEAD, BODY, HEAD));
    private static final SortedMap<String, VerityDigest> NONE = Collections.emptySortedMap();

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Staging staging;

    @SuppressWarnings("NullAway.Init") // set before each test
    private OciStreams oci;

    @BeforeEach
    void open() throws Exception {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "test");
        oci = new OciStreams(store);
    }

    @AfterEach
    void close() throws Exception {
        staging.close();
        store.close();
    }

    private static byte[] concat(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(p -> p.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private StagedObject staged(byte[] content) throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            file.write(content);
            return file.finish();
        }
    }

    private VerityDigest object(byte[] content) throws IOException {
        StagedObject object = staged(content);
        store.publish(object);
        return object.digest();
    }

    /** A stream of a layer whose parts are these. */
    private StagedObject layer(byte[] head, byte[] body, byte[] tail) throws IOException {
        VerityDigest object = object(body);
        try (SplitStreamWriter writer = SplitStreamWriter.create(store, staging.folder(), ContentType.LAYER)) {
            writer.inline(head, 0, head.length);
            writer.external(object, body.length);
            writer.inline(tail, 0, tail.length);
            return writer.finish();
        }
    }

    private void putLayer() throws IOException {
        oci.putLayer(DIFF_ID, layer(HEAD, BODY, HEAD));
    }

    private byte[] readLayer() throws IOException {
        try (LayerStream layer = oci.layer(DIFF_ID).orElseThrow()) {
            return layer.readAllBytes();
        }
    }

    /** Publishes a file that nobody made with our writer, as the stream of this name. */
    private void publish(String contentId, byte[] file) throws IOException {
        store.streams().publish(contentId, staged(file));
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }

    private Path streamFile(String contentId) throws IOException {
        return store.path(store.streams().find(contentId).orElseThrow());
    }

    private Path link(String contentId) {
        return store.folder().resolve("streams").resolve(contentId);
    }

    // Documents

    @Test
    void config_whatWasPut_isReadBack() throws Exception {
        VerityDigest one = object(new byte[1]);
        SortedMap<String, VerityDigest> named = new TreeMap<>(Map.of("bulla.image.faithful.v1", one));
        VerityDigest stream = oci.putConfig(staging, DIGEST, JSON, named);
        StoredDocument config = oci.config(DIGEST).orElseThrow();
        assertThat(config.bytes()).isEqualTo(JSON);
        assertThat(config.digest()).isEqualTo(DIGEST);
        assertThat(config.namedReferences()).isEqualTo(named);
        assertThat(store.streams().find("oci-config-" + DIGEST)).contains(stream);
        assertThat(store.find(FsVerityDigester.of(store.algorithm(), JSON))).isPresent();
        assertThat(oci.manifest(DIGEST)).isEmpty();
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void putConfig_again_replacesTheReferences() throws Exception {
        oci.putConfig(staging, DIGEST, JSON, NONE);
        oci.putConfig(staging, DIGEST, JSON, new TreeMap<>(Map.of("name", object(new byte[1]))));
        assertThat(oci.config(DIGEST).orElseThrow().namedReferences()).containsOnlyKeys("name");
    }

    @Test
    void putManifest_otherBytesThanTheDigests_refusedAndNothingStored() throws Exception {
        assertThatThrownBy(() -> oci.putManifest(staging, DIGEST, new byte[1], NONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("expected " + DIGEST);
        assertThat(store.streams().list()).isEmpty();
        assertThat(store.objects()).isEmptyDirectory();
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void putConfig_sizeAtTheLimit_isTakenAndOverItRefused() throws Exception {
        byte[] largest = new byte[OciStreams.MAX_DOCUMENT];
        Digest digest = Digest.Algorithm.SHA256.of(largest);
        oci.putConfig(staging, digest, largest, NONE);
        assertThat(oci.config(digest).orElseThrow().bytes()).isEqualTo(largest);
        byte[] larger = new byte[OciStreams.MAX_DOCUMENT + 1];
        assertThatThrownBy(() -> oci.putConfig(staging, Digest.Algorithm.SHA256.of(larger), larger, NONE))
                .hasMessageContaining("4194305 bytes, limit 4194304");
    }

    @Test
    void config_flippedByteInTheJson_refused() throws Exception {
        oci.putConfig(staging, DIGEST, JSON, NONE);
        flip(store.path(FsVerityDigester.of(store.algorithm(), JSON)), 3);
        assertThatThrownBy(() -> oci.config(DIGEST)).isInstanceOf(BrokenObjectException.class);
    }

    @Test
    void config_everyFlippedByteInTheStream_refused() throws Exception {
        oci.putConfig(staging, DIGEST, JSON, NONE);
        Path file = streamFile("oci-config-" + DIGEST);
        long size = Files.size(file);
        for (int at = 0; at < size; at++) {
            flip(file, at);
            assertThatThrownBy(() -> oci.config(DIGEST)).as("byte %s", at).isInstanceOf(BrokenObjectException.class);
            flip(file, at);
        }
        assertThat(oci.config(DIGEST)).isPresent();
    }

    @Test
    void config_streamOfAnotherUnderTheName_refused() throws Exception {
        byte[] other = "{\"config\":2}".getBytes(StandardCharsets.US_ASCII);
        Digest otherDigest = Digest.Algorithm.SHA256.of(other);
        oci.putConfig(staging, DIGEST, JSON, NONE);
        oci.putConfig(staging, otherDigest, other, NONE);
        // Consistent in itself: link, stream, object and their verity digests all agree.
        Files.delete(link("oci-config-" + DIGEST));
        Files.createSymbolicLink(
                link("oci-config-" + DIGEST), Files.readSymbolicLink(link("oci-config-" + otherDigest)));
        assertThatThrownBy(() -> oci.config(DIGEST))
                .isInstanceOfSatisfying(
                        BrokenStreamException.class,
                        e -> assertThat(e.contentId()).isEqualTo("oci-config-" + DIGEST))
                .hasMessageContaining("got digest " + otherDigest + ", expected " + DIGEST);
    }

    @Test
    void manifest_configUnderItsName_refused() throws Exception {
        oci.putConfig(staging, DIGEST, JSON, NONE);
        Files.copy(
                link("oci-config-" + DIGEST), link("oci-manifest-" + DIGEST), java.nio.file.LinkOption.NOFOLLOW_LINKS);
        assertThatThrownBy(() -> oci.manifest(DIGEST))
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("got content type \"ociconfg\", expected \"ocimanif\"");
    }

    @Test
    void config_inlineAsOlderRepositoriesHaveIt_isRead() throws Exception {
        byte[] file = new StreamFile(store.algorithm())
                .type(ContentType.CONFIG)
                .inline(new String(JSON, StandardCharsets.US_ASCII))
                .bytes();
        publish("oci-config-" + DIGEST, StreamFile.old(file));
        assertThat(oci.config(DIGEST).orElseThrow().bytes()).isEqualTo(JSON);
    }

    @Test
    void config_truncatedStreamOrWrongMagic_refused() throws Exception {
        byte[] file = new StreamFile(store.algorithm())
                .type(ContentType.CONFIG)
                .inline(new String(JSON, StandardCharsets.US_ASCII))
                .bytes();
        publish("oci-config-" + DIGEST, Arrays.copyOf(file, file.length - 1));
        assertThatThrownBy(() -> oci.config(DIGEST))
                .isInstanceOf(BrokenStreamException.class)
                .hasCauseInstanceOf(SplitStreamException.class);
        file[0] ^= 1;
        publish("oci-config-" + DIGEST, file);
        assertThatThrownBy(() -> oci.config(DIGEST))
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("no magic");
    }

    @Test
    void config_largerThanItSays_refusedBeforeItIsRead() throws Exception {
        VerityDigest large = object(BODY);
        StreamFile file = new StreamFile(store.algorithm())
                .type(ContentType.CONFIG)
                .object(large)
                .number(0)
                .number(0);
        publish("oci-config-" + DIGEST, file.size(BODY.length - 1L).bytes());
        assertThatThrownBy(() -> oci.config(DIGEST))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("got " + BODY.length + " bytes, limit " + (BODY.length - 1));
        publish("oci-config-" + DIGEST, file.size(2L * BODY.length + 1).bytes());
        assertThatThrownBy(() -> oci.config(DIGEST))
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining(2 * BODY.length + " bytes, it says " + (2 * BODY.length + 1));
    }

    @Test
    void config_objectOrStreamMissing_refused() throws Exception {
        oci.putConfig(staging, DIGEST, JSON, NONE);
        Files.delete(store.path(FsVerityDigester.of(store.algorithm(), JSON)));
        assertThatThrownBy(() -> oci.config(DIGEST))
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("is not in the store");
        Files.delete(streamFile("oci-config-" + DIGEST));
        assertThatThrownBy(() -> oci.config(DIGEST))
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("is not in the store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc", "/etc/hostname", "../objects/../../x", "oci-config-self"})
    void config_linkLeadingElsewhere_refused(String target) throws Exception {
        Files.createSymbolicLink(link("oci-config-" + DIGEST), Path.of(target));
        assertThatThrownBy(() -> oci.config(DIGEST)).isInstanceOf(StoreLayoutException.class);
        assertThat(oci.layer(DIFF_ID)).isEmpty();
    }

    @Test
    void config_loopOfLinksForTheObject_refused() throws Exception {
        oci.putConfig(staging, DIGEST, JSON, NONE);
        Path file = streamFile("oci-config-" + DIGEST);
        Files.delete(file);
        Files.createSymbolicLink(file, file.getFileName());
        assertThatThrownBy(() -> oci.config(DIGEST)).isInstanceOf(BrokenObjectException.class);
    }

    @Test
    void config_streamThatRefersToItself_ends() throws Exception {
        // A stream cannot hold its own digest; one that is among its named references is data like any other.
        VerityDigest stream = oci.putConfig(staging, DIGEST, JSON, NONE);
        oci.putConfig(staging, DIGEST, JSON, new TreeMap<>(Map.of("config:" + DIGEST, stream)));
        assertThat(oci.config(DIGEST).orElseThrow().namedReferences()).containsValue(stream);
    }

    // Layers

    @Test
    void layer_whatWasPut_isReadBack() throws Exception {
        assertThat(oci.layer(DIFF_ID)).isEmpty();
        putLayer();
        assertThat(readLayer()).isEqualTo(concat(HEAD, BODY, HEAD));
        try (LayerStream layer = oci.layer(DIFF_ID).orElseThrow()) {
            assertThat(layer.size()).isEqualTo(2L * HEAD.length + BODY.length);
            assertThat(layer.read()).isEqualTo('t');
            assertThat(layer.readNBytes(HEAD.length)).hasSize(HEAD.length);
        }
    }

    @Test
    void layer_changedInlineByte_throwsAtTheEnd() throws Exception {
        byte[] changed = HEAD.clone();
        changed[2] ^= 1;
        oci.putLayer(DIFF_ID, layer(changed, BODY, HEAD));
        try (LayerStream layer = oci.layer(DIFF_ID).orElseThrow()) {
            assertThat(layer.readNBytes((int) layer.size())).hasSize((int) layer.size());
            assertThatThrownBy(layer::read)
                    .isInstanceOf(BrokenStreamException.class)
                    .hasMessageContaining("expected " + DIFF_ID);
        }
    }

    @Test
    void layer_anotherObjectOfTheSameLength_throwsAtTheEnd() throws Exception {
        oci.putLayer(DIFF_ID, layer(HEAD, new byte[BODY.length], HEAD));
        assertThatThrownBy(this::readLayer)
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("expected " + DIFF_ID);
    }

    @Test
    void layer_flippedByteInAnObject_throwsAtItsEnd() throws Exception {
        putLayer();
        flip(store.path(FsVerityDigester.of(store.algorithm(), BODY)), BODY.length - 1);
        assertThatThrownBy(this::readLayer).isInstanceOf(BrokenObjectException.class);
    }

    @Test
    void layer_flippedByteInTheStream_refusedWhenOpened() throws Exception {
        putLayer();
        Path file = streamFile("oci-layer-" + DIFF_ID);
        flip(file, (int) Files.size(file) - 1);
        assertThatThrownBy(() -> oci.layer(DIFF_ID)).isInstanceOf(BrokenObjectException.class);
    }

    @Test
    void layer_objectMissing_refused() throws Exception {
        putLayer();
        Files.delete(store.path(FsVerityDigester.of(store.algorithm(), BODY)));
        assertThatThrownBy(this::readLayer)
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("is not in the store");
    }

    @Test
    void layer_anotherSizeThanItSays_refused() throws Exception {
        VerityDigest object = object(BODY);
        StreamFile file = new StreamFile(store.algorithm()).object(object).number(0);
        publish("oci-layer-" + DIFF_ID, file.size(BODY.length - 1L).bytes());
        assertThatThrownBy(this::readLayer).hasMessageContaining("more bytes than the " + (BODY.length - 1));
        publish("oci-layer-" + DIFF_ID, file.size(BODY.length + 1L).bytes());
        assertThatThrownBy(this::readLayer).hasMessageContaining(BODY.length + " bytes, it says " + (BODY.length + 1));
    }

    @Test
    void layer_emptyObjectOverAndOver_ends() throws Exception {
        StreamFile file =
                new StreamFile(store.algorithm()).object(object(new byte[0])).size(2);
        for (int i = 0; i < 10; i++) {
            file.number(0);
        }
        publish("oci-layer-" + DIFF_ID, file.bytes());
        assertThatThrownBy(this::readLayer)
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("more parts than its 2 bytes");
    }

    @Test
    void layer_foreignContentType_refused() throws Exception {
        publish(
                "oci-layer-" + DIFF_ID,
                new StreamFile(store.algorithm()).type(ContentType.BLOB).bytes());
        assertThatThrownBy(() -> oci.layer(DIFF_ID))
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("got content type \"oci_blob\", expected \"ocilayer\"");
    }

    @Test
    void layer_truncatedStreamOrWrongMagic_refused() throws Exception {
        byte[] file = Files.readAllBytes(layer(HEAD, BODY, HEAD).file());
        publish("oci-layer-" + DIFF_ID, Arrays.copyOf(file, file.length - 1));
        assertThatThrownBy(() -> oci.layer(DIFF_ID)).isInstanceOf(BrokenStreamException.class);
        file[5] ^= 1;
        publish("oci-layer-" + DIFF_ID, file);
        assertThatThrownBy(() -> oci.layer(DIFF_ID))
                .isInstanceOf(BrokenStreamException.class)
                .hasMessageContaining("no magic");
    }

    // Tags

    @Test
    void tag_nameWithSlashes_isOneEscapedLink() throws Exception {
        oci.putManifest(staging, DIGEST, JSON, NONE);
        String name = "example.org/100%/image:1";
        oci.tag(name, DIGEST);
        assertThat(Files.readSymbolicLink(link("refs/oci/example.org%2F100%25%2Fimage:1")))
                .isEqualTo(Path.of("../../oci-manifest-" + DIGEST));
        assertThat(oci.tagged(name)).contains(DIGEST);
        assertThat(oci.tags()).isEqualTo(Map.of(name, DIGEST));
        assertThat(oci.untag(name)).isTrue();
        assertThat(oci.untag(name)).isFalse();
        assertThat(oci.tagged(name)).isEmpty();
        assertThat(oci.manifest(DIGEST)).isPresent();
    }

    @Test
    void tag_manifestMissingOrNameOfADigest_refused() {
        assertThatThrownBy(() -> oci.tag("name", DIGEST))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no stream \"oci-manifest-" + DIGEST);
        assertThatThrownBy(() -> oci.tag("@sha256:00", DIGEST))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot begin with \"@\"");
    }

    @Test
    void tags_referenceToNoManifest_refused() throws Exception {
        oci.putConfig(staging, DIGEST, JSON, NONE);
        store.streams().putReference("oci/tag", "oci-config-" + DIGEST);
        assertThatThrownBy(() -> oci.tags())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("streams/refs/oci/tag: leads to oci-config-");
        store.streams().link("oci-manifest-sha256:zz", object(new byte[1]));
        store.streams().putReference("oci/tag", "oci-manifest-sha256:zz");
        assertThatThrownBy(() -> oci.tagged("tag")).hasMessageContaining("expected sha256: and 64");
    }

    @Test
    void tags_referencesOfOthers_areNotTags() throws Exception {
        oci.putManifest(staging, DIGEST, JSON, NONE);
        store.streams().putReference("other/tag", "oci-manifest-" + DIGEST);
        store.streams().putReference("oci-referrers/a/b", "oci-manifest-" + DIGEST);
        assertThat(oci.tags()).isEmpty();
        assertThat(List.copyOf(store.streams().references().keySet()))
                .containsExactly("oci-referrers/a/b", "other/tag");
    }
}
