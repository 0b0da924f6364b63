package dev.bulla.composefs.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.ErofsImageReader;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GoldenRepositoryTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void oci_whatCfsctlWrote_isListedAndVerified(GoldenRepository golden) throws Exception {
        Path repository = golden.copyTo(folder.resolve("repository"));
        try (ObjectStore store = ObjectStore.openForReading(repository)) {
            OciStreams streams = new OciStreams(store);
            assertThat(streams.tags()).isEqualTo(Map.of(GoldenRepository.NAME, GoldenRepository.MANIFEST));
            assertThat(streams.tagged(GoldenRepository.NAME)).contains(GoldenRepository.MANIFEST);

            StoredDocument manifest =
                    streams.manifest(GoldenRepository.MANIFEST).orElseThrow();
            assertThat(new String(manifest.bytes(), StandardCharsets.UTF_8)).startsWith("{\"schemaVersion\":2,");
            String config = OciStreams.configReference(GoldenRepository.CONFIG);
            assertThat(manifest.namedReferences())
                    .containsEntry(
                            config,
                            store.streams()
                                    .find(OciStreams.configId(GoldenRepository.CONFIG))
                                    .orElseThrow())
                    .hasSize(3);
            StoredDocument document = streams.config(GoldenRepository.CONFIG).orElseThrow();
            assertThat(document.namedReferences())
                    .containsKey("composefs.image.v1")
                    .hasSize(3);

            for (Map.Entry<Digest, Long> layer : GoldenRepository.LAYERS.entrySet()) {
                try (LayerStream tar = streams.layer(layer.getKey()).orElseThrow()) {
                    assertThat(tar.size()).isEqualTo(layer.getValue());
                    byte[] bytes = tar.readAllBytes();
                    assertThat(Digest.Algorithm.SHA256.of(bytes)).isEqualTo(layer.getKey());
                }
                assertThat(document.namedReferences())
                        .containsKey(layer.getKey().toString());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void images_whatCfsctlWrote_areObjectsThatAreRead(GoldenRepository golden) throws Exception {
        Path repository = golden.copyTo(folder.resolve("repository"));
        try (ObjectStore store = ObjectStore.openForReading(repository)) {
            VerityDigest image = Objects.requireNonNull(new OciStreams(store)
                    .config(GoldenRepository.CONFIG)
                    .orElseThrow()
                    .namedReferences()
                    .get("composefs.image.v1"));
            assertThat(store.hasImage(image)).isTrue();
            Path object = store.find(image).orElseThrow();
            assertThat(ErofsImageReader.read(object)).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void openExisting_whatCfsctlWrote_isWritable(GoldenRepository golden) throws Exception {
        Path repository = golden.copyTo(folder.resolve("repository"));
        VerityAlgorithm algorithm =
                golden == GoldenRepository.SHA512 ? VerityAlgorithm.SHA512_4K : VerityAlgorithm.SHA256_4K;
        try (ObjectStore store = ObjectStore.openExisting(repository)) {
            assertThat(store.algorithm()).isEqualTo(algorithm);
            assertThat(store.metadata().defaultFormat()).isEqualTo(FormatVersion.V1);
            OciStreams streams = new OciStreams(store);
            streams.tag("another", GoldenRepository.MANIFEST);
            assertThat(streams.tags()).hasSize(2);
            assertThat(streams.untag(GoldenRepository.NAME)).isTrue();
        }
        String written = Files.readString(repository.resolve("meta.json"));
        // What cfsctl's own file says, and what it writes when it upgrades.
        Path cfsctl = GoldenRepository.SHA256.copyTo(folder.resolve("cfsctl")).resolve("meta.json");
        assertThat(written)
                .isEqualTo(Files.readString(cfsctl)
                        .replace("sha256", algorithm.hash().id()));
    }
}
