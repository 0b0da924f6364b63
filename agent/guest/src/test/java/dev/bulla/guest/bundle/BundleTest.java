package dev.bulla.guest.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.mount.Enforcement;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a bundle that is refused leaves behind, and what it leaves alone. Needs no mount. */
class BundleTest {
    private static final VerityDigest MISSING = new VerityDigest(VerityAlgorithm.SHA256_4K, "0".repeat(64));

    @TempDir
    Path temporary;

    private Path bundle;

    @BeforeEach
    void name() throws IOException {
        bundle = temporary.toRealPath().resolve("bundle");
    }

    private void create(ObjectStore store) throws Exception {
        ImageConfig config = new ImageConfig(
                Platform.current(),
                List.of(),
                new ImageConfig.Execution("", List.of(), List.of(), List.of(), "", List.of(), Map.of()));
        Path made =
                Bundle.create(bundle, MISSING, new Directory(Metadata.ofRoot(0755)), config, store, Enforcement.NONE);
        throw new AssertionError("an image that is not there was mounted on " + made);
    }

    private Path writable(ObjectStore store) {
        return store.folder()
                .resolve("bundles")
                .resolve(Digest.Algorithm.SHA256
                        .of(bundle.toString().getBytes(StandardCharsets.UTF_8))
                        .hex());
    }

    @Test
    void create_onABundleInUse_leavesItAsItIs() throws Exception {
        Files.createDirectories(bundle.resolve("rootfs/mounted"));
        Path config = Files.writeString(bundle.resolve("config.json"), "{}");
        try (ObjectStore store = ObjectStore.open(temporary.resolve("store"), VerityAlgorithm.SHA256_4K)) {
            Path written = Files.createDirectories(writable(store).resolve("upper/var"));
            assertThatThrownBy(() -> create(store))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not empty");
            assertThat(config).exists();
            assertThat(written).exists();
        }
    }

    @Test
    void create_ofAnImageThatIsNotThere_leavesNothing() throws Exception {
        try (ObjectStore store = ObjectStore.open(temporary.resolve("store"), VerityAlgorithm.SHA256_4K)) {
            assertThatThrownBy(() -> create(store)).isInstanceOf(IOException.class);
            assertThat(bundle).doesNotExist();
            assertThat(writable(store)).doesNotExist();
        }
    }
}
