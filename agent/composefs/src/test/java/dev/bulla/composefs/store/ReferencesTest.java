package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferencesTest {
    private static final String NAME = "registry.example/a/b:1%2F";
    private static final String FILE = "registry.example%2Fa%2Fb:1%252F";

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Staging staging;

    @BeforeEach
    void open() throws Exception {
        store = ObjectStore.open(folder, VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "pull");
    }

    @AfterEach
    void close() throws Exception {
        staging.close();
        store.close();
    }

    private VerityDigest image(String content) throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            file.write(content.getBytes(StandardCharsets.UTF_8));
            return store.publishImage(file.finish());
        }
    }

    private Path link(String file) {
        return folder.resolve("images/refs/oci").resolve(file);
    }

    @Test
    void put_name_isALinkThatLeadsToTheImage() throws Exception {
        VerityDigest image = image("first");
        store.references().put(NAME, image);
        assertThat(Files.readSymbolicLink(link(FILE))).isEqualTo(Path.of("../..", image.hex()));
        assertThat(link(FILE)).hasContent("first");
        assertThat(store.references().get(NAME)).contains(image);
        assertThat(folder.resolve("staging")).isDirectoryNotContaining("glob:**/reference-*");
    }

    @Test
    void put_again_replaces() throws Exception {
        store.references().put(NAME, image("first"));
        VerityDigest second = image("second");
        store.references().put(NAME, second);
        assertThat(store.references().list()).containsExactly(new Reference(NAME, second));
    }

    @Test
    void list_severalNames_sortedAndDecoded() throws Exception {
        VerityDigest image = image("first");
        assertThat(store.references().list()).isEmpty();
        store.references().put("größe", image);
        store.references().put("b/c", image);
        store.references().put("a%2Fb", image);
        assertThat(store.references().list())
                .containsExactly(
                        new Reference("a%2Fb", image), new Reference("b/c", image), new Reference("größe", image));
    }

    @Test
    void remove_name_isGoneAndTheImageStays() throws Exception {
        VerityDigest image = image("first");
        store.references().put(NAME, image);
        assertThat(store.references().remove(NAME)).isTrue();
        assertThat(store.references().remove(NAME)).isFalse();
        assertThat(store.references().get(NAME)).isEmpty();
        assertThat(store.hasImage(image)).isTrue();
    }

    @Test
    void put_imageThatIsNotThere_refused() {
        assertThatThrownBy(() ->
                        store.references().put(NAME, new VerityDigest(VerityAlgorithm.SHA256_4K, "0".repeat(64))))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no image 000");
    }

    @Test
    void put_longestName_takenAndOneMoreRefused() throws Exception {
        VerityDigest image = image("first");
        store.references().put("a".repeat(252) + "/", image);
        assertThatThrownBy(() -> store.references().put("a".repeat(253) + "/", image))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("has 256 bytes when escaped, limit 255");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a\0b"})
    void put_nameThatNoFileCanHave_refused(String name) throws Exception {
        VerityDigest image = image("first");
        assertThatThrownBy(() -> store.references().put(name, image)).isInstanceOf(StoreException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../elsewhere", "../../../objects", "../.."})
    void list_linkToSomethingElse_refused(String target) throws Exception {
        store.references().put(NAME, image("first"));
        Files.createSymbolicLink(link("foreign"), Path.of(target));
        assertThatThrownBy(() -> store.references().list()).isInstanceOf(StoreLayoutException.class);
    }

    @Test
    void list_fileForALink_refused() throws Exception {
        store.references().put(NAME, image("first"));
        Files.writeString(link("foreign"), "x");
        assertThatThrownBy(() -> store.references().list()).isInstanceOf(StoreLayoutException.class);
    }

    @Test
    void put_symlinkForTheFolder_refused() throws Exception {
        VerityDigest image = image("first");
        Files.createSymbolicLink(folder.resolve("images/refs"), folder.resolve("objects"));
        assertThatThrownBy(() -> store.references().put(NAME, image)).isInstanceOf(StoreLayoutException.class);
    }
}
