package dev.bulla.guest.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerOriginsTest {
    private static final Digest LAYER = Digest.Algorithm.SHA256.of("layer".getBytes(StandardCharsets.UTF_8));
    private static final Digest OTHER = Digest.Algorithm.SHA256.of("other".getBytes(StandardCharsets.UTF_8));

    @TempDir
    private Path store;

    private LayerOrigins origins;

    @BeforeEach
    void open() {
        origins = new LayerOrigins(store);
    }

    private static Optional<byte[]> proof(int of) {
        byte[] proof = new byte[32];
        Arrays.fill(proof, (byte) of);
        return Optional.of(proof);
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(store.resolve("records/layers"))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void permits_layerOfWhichNothingIsKnown_isNot() throws IOException {
        assertThat(origins.permits(LAYER, Optional.empty())).isFalse();
        assertThat(origins.permits(LAYER, proof(1))).isFalse();
    }

    @Test
    void permits_plainLayer_isForPlainManifestsAlone() throws IOException {
        origins.put(LAYER, Optional.empty());
        assertThat(origins.permits(LAYER, Optional.empty())).isTrue();
        assertThat(origins.permits(LAYER, proof(1))).isFalse();
        assertThat(origins.permits(OTHER, Optional.empty())).isFalse();
    }

    @Test
    void permits_encryptedLayer_isForItsKeysAlone() throws IOException {
        origins.put(LAYER, proof(1));
        origins.put(LAYER, proof(2));
        assertThat(origins.permits(LAYER, proof(1))).isTrue();
        assertThat(origins.permits(LAYER, proof(2))).isTrue();
        assertThat(origins.permits(LAYER, proof(3))).isFalse();
        assertThat(origins.permits(LAYER, Optional.empty())).isFalse();
    }

    @Test
    void put_moreKeysThanTheLimit_forgetsTheFirst() throws IOException {
        for (int i = 0; i < 65; i++) {
            origins.put(LAYER, proof(i));
        }
        assertThat(origins.permits(LAYER, proof(0))).isFalse();
        assertThat(origins.permits(LAYER, proof(1))).isTrue();
        assertThat(origins.permits(LAYER, proof(64))).isTrue();
    }

    @Test
    void permits_fileOfAnotherLayerOrForm_isAsIfNothingWereKnown() throws IOException {
        origins.put(OTHER, Optional.empty());
        String other = Files.readString(file());
        Files.delete(file());
        origins.put(LAYER, Optional.empty());
        for (String broken : new String[] {other, "", "{}", other.replace("}", ",\"more\":1}"), "x".repeat(70_000)}) {
            Files.writeString(file(), broken);
            assertThat(origins.permits(LAYER, Optional.empty())).isFalse();
        }
        origins.put(LAYER, Optional.empty());
        assertThat(origins.permits(LAYER, Optional.empty())).isTrue();
    }
}
