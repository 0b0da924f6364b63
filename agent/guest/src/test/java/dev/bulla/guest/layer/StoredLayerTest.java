package dev.bulla.guest.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.oci.BrokenStreamException;
import dev.bulla.composefs.oci.LayerStream;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.BrokenObjectException;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A layer's stream: made while the layer is read, and read in the layer's place. */
class StoredLayerTest {
    @TempDir
    private Path folder;

    private ObjectStore store;
    private Staging staging;

    @BeforeEach
    void open() throws IOException {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "pull");
    }

    @AfterEach
    void close() throws IOException {
        staging.close();
        store.close();
    }

    private static byte[] content(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static TarBuilder tar() {
        return new TarBuilder();
    }

    private LayerUnpacker unpacker(KeepTar keepTar) {
        return new LayerUnpacker(store, staging.folder(), LayerLimits.DEFAULTS, keepTar);
    }

    private LayerTree store(byte[] tar) throws IOException {
        Digest diffId = Digest.Algorithm.SHA256.of(tar);
        UnpackedLayer layer = unpacker(KeepTar.FULL).unpack(new ByteArrayInputStream(tar), Compression.NONE, diffId);
        layer.publish();
        new OciStreams(store).putLayer(diffId, layer.stream().orElseThrow());
        assertThat(staging.folder()).isEmptyDirectory();
        return layer.tree();
    }

    private LayerStream stream(byte[] tar) throws IOException {
        return new OciStreams(store).layer(Digest.Algorithm.SHA256.of(tar)).orElseThrow();
    }

    private UnpackedLayer readAgain(byte[] tar) throws IOException {
        try (LayerStream stream = stream(tar)) {
            return unpacker(KeepTar.FULL).unpackStored(stream, Digest.Algorithm.SHA256.of(tar));
        }
    }

    private static Stream<byte[]> tars() {
        byte[] padded = tar().file("large", content(1000)).end().bytes();
        return Stream.of(
                tar().end().bytes(),
                tar().file("a", "alpha")
                        .file("empty", "")
                        .file("at", content(64))
                        .file("over", content(65))
                        .file("large", content(700_001))
                        .file("again", content(700_001))
                        .pax("path=" + "p/".repeat(200) + "q")
                        .file("x", content(4096))
                        .longName("n".repeat(150))
                        .file("y", content(512))
                        .symlink("link", "large")
                        .end()
                        .raw(new byte[700_000])
                        .bytes(),
                tar().file("without-end", content(100)).bytes(),
                Arrays.copyOf(padded, 512 + 1000));
    }

    @Test
    void stream_ofAnyTar_givesItBackByteForByte() throws IOException {
        for (byte[] tar : tars().toList()) {
            store(tar);
            try (LayerStream stream = stream(tar)) {
                assertThat(stream.size()).isEqualTo(tar.length);
                assertThat(stream.readAllBytes()).isEqualTo(tar);
            }
        }
    }

    @Test
    void unpackStored_ofAnyTar_makesTheSameTreeAndWritesNothing() throws IOException {
        for (byte[] tar : tars().toList()) {
            LayerTree fetched = store(tar);
            UnpackedLayer stored = readAgain(tar);
            assertThat(stored.objects()).isEmpty();
            assertThat(stored.stream()).isEmpty();
            assertThat(stored.tree().entries()).hasSameSizeAs(fetched.entries());
            assertThat(TreeListing.of(LayerMerge.merge(List.of(stored.tree()), LayerLimits.DEFAULTS)))
                    .isEqualTo(TreeListing.of(LayerMerge.merge(List.of(fetched), LayerLimits.DEFAULTS)));
            assertThat(staging.folder()).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 5000, 700_001})
    void unpackStored_flippedByteInAnObject_isRefusedAndLeavesNothing(int size) throws IOException {
        byte[] tar = tar().file("f", content(size)).file("g", content(90)).end().bytes();
        UnpackedLayer layer = unpacker(KeepTar.FULL)
                .unpack(new ByteArrayInputStream(tar), Compression.NONE, Digest.Algorithm.SHA256.of(tar));
        StagedObject object = layer.objects().getFirst();
        layer.publish();
        new OciStreams(store)
                .putLayer(Digest.Algorithm.SHA256.of(tar), layer.stream().orElseThrow());
        byte[] bytes = content(size);
        bytes[size / 2] ^= 1;
        Path path = store.path(object.digest());
        Files.delete(path); // where the file system has fs-verity it cannot be written to
        Files.write(path, bytes);
        assertThatExceptionOfType(BrokenObjectException.class).isThrownBy(() -> readAgain(tar));
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void unpackStored_streamOfAnotherLayer_isRefused() throws IOException {
        byte[] tar = tar().file("f", content(500)).end().bytes();
        byte[] foreign = tar().file("f", content(501)).end().bytes();
        store(tar);
        store(foreign);
        Path streams = store.folder().resolve("streams");
        Path link = streams.resolve(OciStreams.layerId(Digest.Algorithm.SHA256.of(tar)));
        Files.delete(link);
        Files.createSymbolicLink(
                link, Files.readSymbolicLink(streams.resolve(OciStreams.layerId(Digest.Algorithm.SHA256.of(foreign)))));
        assertThatExceptionOfType(BrokenStreamException.class)
                .isThrownBy(() -> readAgain(tar))
                .withMessageContaining(Digest.Algorithm.SHA256.of(foreign).toString());
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void unpackStored_overALimit_isRefusedAsAnyLayer() throws IOException {
        byte[] tar = tar().file("f", content(500)).file("g", "x").end().bytes();
        store(tar);
        try (LayerStream stream = stream(tar)) {
            LayerUnpacker one = new LayerUnpacker(
                    store, staging.folder(), LayerLimits.DEFAULTS.with(LayerLimit.LAYER_ENTRIES, 1), KeepTar.FULL);
            assertThatExceptionOfType(LayerLimitException.class)
                    .isThrownBy(() -> one.unpackStored(stream, Digest.Algorithm.SHA256.of(tar)));
        }
    }

    @Test
    void unpack_keepFullOfARefusedLayer_leavesNothing() {
        byte[] tar =
                tar().file("f", content(500)).entry(RawHeader.of('S', "sparse")).bytes();
        assertThatExceptionOfType(ArchiveFormatException.class)
                .isThrownBy(() -> unpacker(KeepTar.FULL)
                        .unpack(new ByteArrayInputStream(tar), Compression.NONE, Digest.Algorithm.SHA256.of(tar)));
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void unpack_keepFull_closedUnpublishedLeavesNothing() throws IOException {
        byte[] tar = tar().file("f", content(500)).end().bytes();
        unpacker(KeepTar.FULL)
                .unpack(new ByteArrayInputStream(tar), Compression.NONE, Digest.Algorithm.SHA256.of(tar))
                .close();
        assertThat(staging.folder()).isEmptyDirectory();
    }
}
