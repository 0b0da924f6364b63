package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.FsVerity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on a file system with fs-verity, as far as that can be had without one. */
class ObjectVerityTest {
    private static final byte[] CONTENT = "immutable content".getBytes(StandardCharsets.US_ASCII);
    private static final VerityDigest DIGEST = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, CONTENT);

    private final FakeVerity verity = new FakeVerity();

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Staging staging;

    @BeforeEach
    void open() throws Exception {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K, verity);
        staging = Staging.begin(store.folder(), "pull");
    }

    @AfterEach
    void close() throws Exception {
        staging.close();
        store.close();
    }

    private StagedObject staged() throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            file.write(CONTENT);
            return file.finish();
        }
    }

    private long inode() throws IOException {
        return (Long) Files.getAttribute(store.path(DIGEST), "unix:ino");
    }

    @Test
    void publish_verityOffered_isEnabledAndMeasured() throws Exception {
        store.publish(staged());
        assertThat(store.offersVerity()).isTrue();
        assertThat(verity.enabled.get(inode())).isEqualTo(new FsVerity.Measurement(FsVerity.Hash.SHA256, DIGEST.hex()));
        assertThat(store.find(DIGEST)).isPresent();
    }

    @Test
    void publish_descriptorsStillOpenElsewhere_waitsForThem() throws Exception {
        assertThat(store.offersVerity()).isTrue();
        verity.busy = 3;
        store.publish(staged());
        assertThat(verity.busy).isZero();
        assertThat(verity.enabled).containsKey(inode());
    }

    @Test
    void publish_kernelMeasuresSomethingElse_refusedAndNoObject() throws Exception {
        assertThat(store.offersVerity()).isTrue();
        verity.lies = true;
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("the kernel measured fs-verity digest 000")
                .hasMessageContaining("expected " + DIGEST);
        assertThat(store.path(DIGEST)).doesNotExist();
    }

    @Test
    void publish_existingWithoutVerity_isHashedAndGetsIt() throws Exception {
        place(CONTENT);
        store.publish(staged());
        assertThat(verity.enabled).containsKey(inode());
    }

    @Test
    void publish_existingWithoutVerityAndOtherBytes_refused() throws Exception {
        place("other content".getBytes(StandardCharsets.US_ASCII));
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object)).isInstanceOf(BrokenObjectException.class);
        assertThat(verity.enabled).doesNotContainKey(inode());
    }

    @Test
    void publish_existingMeasuredAsOther_refusedThoughBytesAgree() throws Exception {
        place(CONTENT);
        verity.enabled.put(inode(), new FsVerity.Measurement(FsVerity.Hash.SHA256, "1".repeat(64)));
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOf(BrokenObjectException.class)
                .hasMessageContaining("1".repeat(64));
    }

    @Test
    void publish_existingMeasuredWithOtherHash_refused() throws Exception {
        place(CONTENT);
        verity.enabled.put(inode(), new FsVerity.Measurement(FsVerity.Hash.SHA512, "1".repeat(128)));
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object)).isInstanceOf(BrokenObjectException.class);
    }

    private void place(byte[] content) throws IOException {
        Files.createDirectories(store.path(DIGEST).resolveSibling("."));
        Files.write(store.path(DIGEST), content);
    }
}
