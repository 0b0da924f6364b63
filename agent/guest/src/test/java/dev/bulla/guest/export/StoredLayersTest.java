package dev.bulla.guest.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.BrokenObjectException;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.guest.delta.DeltaException;
import dev.bulla.guest.layer.LayerLimit;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.RawHeader;
import dev.bulla.guest.layer.TarBuilder;
import dev.bulla.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredLayersTest {
    private static final String LARGE = "what a larger file holds; ".repeat(10_000);
    private static final byte[] TAR = new TarBuilder()
            .directory("etc/")
            .entry(RawHeader.of('0', "etc/large").size(LARGE.length()), LARGE.getBytes(StandardCharsets.UTF_8))
            .link("etc/link", "etc/large")
            .file("etc/small", "small")
            .file("other", "another file ".repeat(20))
            .end()
            .bytes();

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

    private StoredLayers layers() {
        return new StoredLayers(store.store(), LayerLimits.DEFAULTS);
    }

    private byte[] export(Digest diffId) throws IOException {
        Path file = folder.resolve("exported");
        LayerExport.toFile(layers().find(diffId).orElseThrow(), file);
        return Files.readAllBytes(file);
    }

    private void refusesToExport(Class<? extends IOException> type, String words) throws IOException {
        assertThatExceptionOfType(type)
                .isThrownBy(() -> export(TestStore.diffId(TAR)))
                .withMessageContaining(words);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly("store");
        }
    }

    private static VerityDigest objectOf(String content) {
        return FsVerityDigester.of(VerityAlgorithm.SHA256_4K, content.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void find_layerThatIsNotThere_isEmpty() throws IOException {
        assertThat(layers().find(TestStore.diffId(TAR))).isEmpty();
    }

    @Test
    void find_streamOrDelta_givesTheTar() throws IOException {
        VerityDigest image = store.seal(TAR);
        assertThat(store.delta(TAR, image)).isTrue();
        StoredLayer delta = layers().find(TestStore.diffId(TAR)).orElseThrow();
        assertThat(delta.form()).isEqualTo(StoredLayer.Form.DELTA);
        assertThat(delta.size()).isEqualTo(TAR.length);
        assertThat(export(TestStore.diffId(TAR))).isEqualTo(TAR);

        store.layer(TAR, true);
        StoredLayer full = layers().find(TestStore.diffId(TAR)).orElseThrow();
        assertThat(full.form()).isEqualTo(StoredLayer.Form.FULL);
        assertThat(full.size()).isEqualTo(TAR.length);
        assertThat(export(TestStore.diffId(TAR))).isEqualTo(TAR);
    }

    @Test
    void find_layersOfOneImageAsDeltasFromIt_givesEach() throws IOException {
        byte[] upper = new TarBuilder()
                .file("etc/.wh.small", "")
                .file("etc/new", "new ".repeat(100))
                .file("other", "overwritten ".repeat(20))
                .end()
                .bytes();
        VerityDigest image = store.seal(TAR, upper);
        assertThat(store.delta(TAR, image)).isTrue();
        assertThat(store.delta(upper, image)).isTrue();
        assertThat(export(TestStore.diffId(TAR))).isEqualTo(TAR);
        assertThat(export(TestStore.diffId(upper))).isEqualTo(upper);
    }

    @Test
    void make_deltaThatIsNotSmaller_isEmpty() throws IOException {
        byte[] other = new TarBuilder().file("x", "x").end().bytes();
        byte[] tar = new TarBuilder().end().bytes();
        assertThat(store.delta(tar, store.seal(other))).isFalse();
    }

    @Test
    void export_streamOfAnotherLayer_isRefused() throws IOException {
        byte[] other = new TarBuilder().file("x", "x").end().bytes();
        store.store().streams().publish("oci-layer-" + TestStore.diffId(TAR), store.layer(other, false));
        refusesToExport(StoreException.class, "expected " + TestStore.diffId(TAR));
    }

    @Test
    void export_deltaOfAnotherLayer_isRefused() throws IOException {
        byte[] other = Arrays.copyOf(TAR, TAR.length + 512);
        assertThat(store.delta(other, store.seal(other))).isTrue();
        VerityDigest delta = store.store()
                .streams()
                .find(LayerDeltas.contentId(TestStore.diffId(other)))
                .orElseThrow();
        store.store().streams().link(LayerDeltas.contentId(TestStore.diffId(TAR)), delta);
        refusesToExport(BrokenLayerException.class, "its delta makes an archive of " + TestStore.diffId(other));
    }

    @Test
    void export_deltaWithoutItsImage_isRefused() throws IOException {
        VerityDigest image = store.seal(TAR);
        store.delta(TAR, image);
        Files.delete(store.store().path(image));
        refusesToExport(BrokenLayerException.class, "the image " + image + " that its delta needs is not in the store");
    }

    @Test
    void export_missingOrChangedObject_isRefused() throws IOException {
        store.delta(TAR, store.seal(TAR));
        Path object = store.store().path(objectOf(LARGE));
        byte[] bytes = Files.readAllBytes(object);
        bytes[5] ^= 1;
        Files.delete(object);
        refusesToExport(BrokenLayerException.class, "object " + objectOf(LARGE) + " is not in the store");
        Files.write(object, bytes);
        refusesToExport(BrokenObjectException.class, "");
    }

    @Test
    void export_changedOrCutDelta_isRefused() throws IOException {
        store.delta(TAR, store.seal(TAR));
        VerityDigest digest = store.store()
                .streams()
                .find(LayerDeltas.contentId(TestStore.diffId(TAR)))
                .orElseThrow();
        Path file = store.store().path(digest);
        byte[] delta = Files.readAllBytes(file);
        byte[] changed = delta.clone();
        changed[delta.length - 5] ^= 4;
        Files.delete(file);
        Files.write(file, changed);
        refusesToExport(BrokenObjectException.class, "");
        // The same under the name that its bytes deserve: nothing but the diff_id is left to say no.
        VerityDigest renamed = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, changed);
        Files.createDirectories(store.store().path(renamed).getParent());
        Files.write(store.store().path(renamed), changed);
        store.store().streams().link(LayerDeltas.contentId(TestStore.diffId(TAR)), renamed);
        refusesToExport(IOException.class, "");
        byte[] cut = Arrays.copyOf(delta, delta.length - 3);
        VerityDigest shorter = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, cut);
        Files.createDirectories(store.store().path(shorter).getParent());
        Files.write(store.store().path(shorter), cut);
        store.store().streams().link(LayerDeltas.contentId(TestStore.diffId(TAR)), shorter);
        refusesToExport(BrokenLayerException.class, "its delta");
    }

    @Test
    void find_deltaThatIsAnotherKindOfStream_isRefused() throws IOException {
        store.store().streams().publish(LayerDeltas.contentId(TestStore.diffId(TAR)), store.layer(TAR, false));
        refusesToExport(BrokenLayerException.class, "content type \"ocilayer\", expected \"bulladlt\"");
    }

    @Test
    void find_deltaOfALayerAboveTheLimit_isRefused() throws IOException {
        store.delta(TAR, store.seal(TAR));
        LayerLimits limits = LayerLimits.DEFAULTS.with(LayerLimit.LAYER_BYTES, TAR.length);
        assertThat(new StoredLayers(store.store(), limits).find(TestStore.diffId(TAR)))
                .isPresent();
        LayerLimits lower = LayerLimits.DEFAULTS.with(LayerLimit.LAYER_BYTES, TAR.length - 1);
        assertThatExceptionOfType(DeltaException.class)
                .isThrownBy(() -> new StoredLayers(store.store(), lower).find(TestStore.diffId(TAR)))
                .withMessageContaining("more than " + (TAR.length - 1) + " bytes");
    }

    @Test
    void toStream_wrongLayer_withholdsTheEnd() throws IOException {
        byte[] content = LARGE.getBytes(StandardCharsets.UTF_8);
        for (int size :
                new int[] {0, 1, LayerExport.WITHHELD - 1, LayerExport.WITHHELD, 2 * LayerExport.WITHHELD + 7}) {
            byte[] tar = Arrays.copyOf(content, size);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            LayerExport.toStream(layer(tar, false), out);
            assertThat(out.toByteArray()).isEqualTo(tar);
            ByteArrayOutputStream cut = new ByteArrayOutputStream();
            assertThatExceptionOfType(BrokenLayerException.class)
                    .isThrownBy(() -> LayerExport.toStream(layer(tar, true), cut));
            assertThat(cut.size()).isLessThanOrEqualTo(Math.max(0, size - LayerExport.WITHHELD));
        }
    }

    private static StoredLayer layer(byte[] tar, boolean broken) {
        Digest diffId = TestStore.diffId(tar);
        return new StoredLayer(diffId, StoredLayer.Form.FULL, tar.length, () -> new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
                if (at == tar.length && broken) {
                    throw new BrokenLayerException(diffId, "another");
                }
                return at == tar.length ? -1 : tar[at++] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int first = length == 0 ? 0 : read();
                if (first >= 0 && length > 0) {
                    into[offset] = (byte) first;
                }
                return first < 0 ? -1 : Math.min(length, 1);
            }
        });
    }

    @Test
    void toFile_anotherThanAFile_isRefused() throws IOException {
        store.layer(TAR, true);
        StoredLayer layer = layers().find(TestStore.diffId(TAR)).orElseThrow();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> LayerExport.toFile(layer, Path.of("/dev/null")))
                .withMessageContaining("expected a regular file");
        Path there = Files.writeString(folder.resolve("there"), "old");
        LayerExport.toFile(layer, there);
        assertThat(there).hasBinaryContent(TAR);
    }
}
