package dev.bulla.guest.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.TarBuilder;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaReplacementTest {
    private static final String TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final byte[] TAR = new TarBuilder()
            .directory("etc/")
            .file("etc/large", "large ".repeat(1000))
            .file("etc/other", "other ".repeat(1000))
            .end()
            .bytes();
    private static final Digest LAYER = TestStore.diffId(TAR);

    @TempDir
    private Path folder;

    private TestStore store;

    @BeforeEach
    void open() throws IOException {
        store = new TestStore(folder.resolve("store"));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private Digest tagged(String name) throws IOException {
        store.layer(TAR, true);
        return store.image(name, TYPE, TAR);
    }

    private void replace(Digest manifest, VerityDigest image) throws Exception {
        StoredImage stored =
                StoredImage.find(new OciStreams(store.store()), manifest).orElseThrow();
        assertThat(new DeltaReplacement(store.store(), LayerLimits.DEFAULTS).replace(stored, image, store.staging()))
                .containsExactly(LAYER);
    }

    @Test
    void replace_streams_leavesDeltasThatTheImageKeeps() throws Exception {
        Digest manifest = tagged("a");
        replace(manifest, store.seal(TAR));
        OciStreams streams = new OciStreams(store.store());
        assertThat(streams.layer(LAYER)).isEmpty();
        StoredLayer layer = new StoredLayers(store.store(), LayerLimits.DEFAULTS)
                .find(LAYER)
                .orElseThrow();
        assertThat(layer.form()).isEqualTo(StoredLayer.Form.DELTA);
        assertThat(layer.open().readAllBytes()).isEqualTo(TAR);
        VerityDigest delta =
                store.store().streams().find(LayerDeltas.contentId(LAYER)).orElseThrow();
        assertThat(streams.manifest(manifest).orElseThrow().namedReferences())
                .containsEntry("bulla.delta." + LAYER, delta)
                .doesNotContainKey(LAYER.toString());
    }

    @Test
    void replace_streamThatAnotherImageKeeps_leavesIt() throws Exception {
        store.keepsLayers(true);
        Digest other = tagged("b");
        store.keepsLayers(false);
        byte[] second = new TarBuilder().file("x", "x").end().bytes();
        store.layer(second, true);
        store.layer(TAR, true);
        Digest manifest = store.image("a", TYPE, TAR, TAR);
        assertThat(manifest).isNotEqualTo(other);
        replace(manifest, store.seal(TAR));
        assertThat(new OciStreams(store.store()).layer(LAYER)).isPresent();
        VerityDigest first =
                store.store().streams().find(LayerDeltas.contentId(LAYER)).orElseThrow();
        replace(other, store.seal(TAR, second));
        assertThat(store.store().streams().find(LayerDeltas.contentId(LAYER))).contains(first);
        assertThat(new OciStreams(store.store()).layer(LAYER)).isEmpty();
    }
}
