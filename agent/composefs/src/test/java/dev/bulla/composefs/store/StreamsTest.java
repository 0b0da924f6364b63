package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamsTest {
    private static final String ID = "oci-layer-sha256:" + "0".repeat(64);

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Staging staging;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Streams streams;

    @BeforeEach
    void open() throws Exception {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "test");
        streams = store.streams();
    }

    @AfterEach
    void close() throws Exception {
        staging.close();
        store.close();
    }

    private StagedObject staged(String content) throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            file.write(content.getBytes(StandardCharsets.US_ASCII));
            return file.finish();
        }
    }

    private Path link(String name) {
        return store.folder().resolve("streams").resolve(name);
    }

    @Test
    void publish_newAndAgain_linksTheNewest() throws Exception {
        assertThat(streams.find(ID)).isEmpty();
        StagedObject first = staged("first");
        streams.publish(ID, first);
        assertThat(streams.find(ID)).contains(first.digest());
        assertThat(Files.readSymbolicLink(link(ID)))
                .isEqualTo(Path.of("../objects", first.digest().objectPath()));
        StagedObject second = staged("second");
        streams.publish(ID, second);
        assertThat(streams.find(ID)).contains(second.digest());
        assertThat(store.find(first.digest())).isPresent();
        assertThat(streams.list()).containsExactly(ID);
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void link_objectThatIsMissing_refused() throws Exception {
        VerityDigest absent = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, new byte[1]);
        assertThatThrownBy(() -> streams.link(ID, absent))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no object " + absent);
        assertThat(streams.list()).isEmpty();
    }

    @Test
    void remove_stream_takesTheNameAndLeavesTheObject() throws Exception {
        StagedObject object = staged("stream");
        streams.publish(ID, object);
        assertThat(streams.remove(ID)).isTrue();
        assertThat(streams.remove(ID)).isFalse();
        assertThat(streams.find(ID)).isEmpty();
        assertThat(store.find(object.digest())).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "refs", "a/b", "a b", "a\u0000", "ä", "a\n"})
    void find_nameThatIsNone_refused(String name) {
        assertThatThrownBy(() -> streams.find(name))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("expected at most 255 graphic ASCII characters");
    }

    @Test
    void find_nameOfTheLongest_isTakenAndLongerRefused() throws Exception {
        assertThat(streams.find("x".repeat(255))).isEmpty();
        assertThatThrownBy(() -> streams.find("x".repeat(256))).isInstanceOf(StoreException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "/",
                "/etc/passwd",
                "..",
                "../objects",
                "../objects/00/../00",
                "../objects/ab/cdef",
                "../images/00/0000000000000000000000000000000000000000000000000000000000000000",
                "../objects/000/0000000000000000000000000000000000000000000000000000000000000",
                "../objects/AA/00000000000000000000000000000000000000000000000000000000000000",
                "oci-layer-other"
            })
    void find_linkLeadingElsewhere_refused(String target) throws Exception {
        Files.createSymbolicLink(link(ID), Path.of(target));
        assertThatThrownBy(() -> streams.find(ID))
                .isInstanceOfSatisfying(
                        StoreLayoutException.class, e -> assertThat(e.path()).isEqualTo(link(ID)))
                .hasMessageContaining("expected a symbolic link to ../objects/");
    }

    @Test
    void find_linkToItselfOrNoLink_refused() throws Exception {
        Files.createSymbolicLink(link(ID), Path.of(ID));
        assertThatThrownBy(() -> streams.find(ID)).isInstanceOf(StoreLayoutException.class);
        Files.delete(link(ID));
        Files.writeString(link(ID), "a file");
        assertThatThrownBy(() -> streams.find(ID)).isInstanceOf(StoreLayoutException.class);
        assertThat(streams.list()).containsExactly(ID);
    }

    @Test
    void putReference_ofLevels_leadsUpOneMoreForEach() throws Exception {
        streams.publish(ID, staged("stream"));
        streams.putReference("plain", ID);
        streams.putReference("oci/example.org%2Fimage:1", ID);
        streams.putReference("a/b/c/d", ID);
        assertThat(Files.readSymbolicLink(link("refs/plain"))).isEqualTo(Path.of("../" + ID));
        assertThat(Files.readSymbolicLink(link("refs/oci/example.org%2Fimage:1")))
                .isEqualTo(Path.of("../../" + ID));
        assertThat(Files.readSymbolicLink(link("refs/a/b/c/d"))).isEqualTo(Path.of("../../../../" + ID));
        assertThat(link("refs/a/b/c/d")).hasContent("stream");
        assertThat(streams.reference("a/b/c/d")).contains(ID);
        assertThat(streams.reference("a/b/c/e")).isEmpty();
        assertThat(streams.reference("x/y")).isEmpty();
        assertThat(streams.references()).isEqualTo(Map.of("plain", ID, "oci/example.org%2Fimage:1", ID, "a/b/c/d", ID));
        assertThat(streams.list()).containsExactly(ID);
        assertThat(streams.removeReference("a/b/c/d")).isTrue();
        assertThat(streams.removeReference("a/b/c/d")).isFalse();
        assertThat(streams.references()).hasSize(2);
    }

    @Test
    void putReference_again_replaces() throws Exception {
        streams.publish(ID, staged("stream"));
        streams.publish("other", staged("other"));
        streams.putReference("oci/tag", ID);
        streams.putReference("oci/tag", "other");
        assertThat(streams.reference("oci/tag")).contains("other");
    }

    @Test
    void putReference_streamThatIsMissing_refused() {
        assertThatThrownBy(() -> streams.putReference("oci/tag", ID))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no stream \"" + ID + "\"");
        assertThat(link("refs")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//b", "a/", "/a", "../a", "a/../b", "a/./b", "a\u0000"})
    void putReference_nameThatIsNoPath_refused(String name) throws Exception {
        streams.publish(ID, staged("stream"));
        assertThatThrownBy(() -> streams.putReference(name, ID))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot be a file's name");
    }

    @Test
    void putReference_levelsAtTheLimit_areTakenAndOneMoreRefused() throws Exception {
        streams.publish(ID, staged("stream"));
        String at = "a/".repeat(15) + "a";
        streams.putReference(at, ID);
        assertThat(streams.references()).containsOnlyKeys(at);
        assertThatThrownBy(() -> streams.putReference("a/" + at, ID)).hasMessageContaining("17 levels, limit 16");
    }

    @Test
    void references_folderOfTooManyLevels_refused() throws Exception {
        Files.createDirectories(link("refs/" + "a/".repeat(16) + "a"));
        assertThatThrownBy(() -> streams.references())
                .isInstanceOf(StoreLayoutException.class)
                .hasMessageContaining("more than 16 levels");
    }

    @Test
    void references_linkLeadingElsewhereOrFile_refused() throws Exception {
        Files.createDirectories(link("refs/oci"));
        for (String target :
                new String[] {"../" + ID, "../../../" + ID, "../../..", "/", "/etc/passwd", "tag", "../.."}) {
            Files.createSymbolicLink(link("refs/oci/tag"), Path.of(target));
            assertThatThrownBy(() -> streams.references())
                    .as(target)
                    .isInstanceOf(StoreLayoutException.class)
                    .hasMessageContaining("expected a symbolic link to ../../ and an entry's name");
            assertThatThrownBy(() -> streams.reference("oci/tag")).isInstanceOf(StoreLayoutException.class);
            Files.delete(link("refs/oci/tag"));
        }
        Files.writeString(link("refs/oci/tag"), "");
        assertThatThrownBy(() -> streams.references()).isInstanceOf(StoreLayoutException.class);
    }

    @Test
    void references_throughALinkForAFolder_refused() throws Exception {
        streams.publish(ID, staged("stream"));
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(elsewhere.resolve("tag"), Path.of("../../" + ID));
        Files.createDirectories(link("refs"));
        Files.createSymbolicLink(link("refs/oci"), elsewhere);
        assertThatThrownBy(() -> streams.reference("oci/tag"))
                .isInstanceOf(StoreLayoutException.class)
                .hasMessageContaining("got a symbolic link, expected a directory");
        assertThatThrownBy(() -> streams.references()).isInstanceOf(StoreLayoutException.class);
        assertThatThrownBy(() -> streams.putReference("oci/tag", ID)).isInstanceOf(StoreLayoutException.class);
        assertThatThrownBy(() -> streams.removeReference("oci/tag")).isInstanceOf(StoreLayoutException.class);
        assertThat(Files.isSymbolicLink(elsewhere.resolve("tag"))).isTrue();
    }

    @Test
    void crash_betweenObjectsAndLink_leavesObjectsWithoutAName() throws Exception {
        StagedObject object = staged("stream");
        store.publish(object);
        staging.close();
        store.close();
        store = ObjectStore.openExisting(folder.resolve("store"));
        staging = Staging.begin(store.folder(), "test");
        assertThat(store.streams().list()).isEmpty();
        assertThat(store.find(object.digest())).isPresent();
    }
}
