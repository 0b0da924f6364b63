package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.OpenFile;
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

    private String key() throws IOException {
        try (OpenFile file = OpenFile.read(store.path(DIGEST))) {
            return FakeVerity.key(file);
        }
    }

    /** A store whose meta.json has no fs-verity, on a file system that has it meanwhile. */
    private void openWithoutRequirement() throws Exception {
        close();
        verity.offered = false;
        ObjectStore.open(folder.resolve("older"), VerityAlgorithm.SHA256_4K, verity)
                .close();
        verity.offered = true;
        store = ObjectStore.open(folder.resolve("older"), VerityAlgorithm.SHA256_4K, verity);
        staging = Staging.begin(store.folder(), "pull");
        assertThat(store.requiresVerity()).isFalse();
    }

    @Test
    void publish_verityOffered_isEnabledAndMeasured() throws Exception {
        store.publish(staged());
        assertThat(store.offersVerity()).isTrue();
        assertThat(verity.enabled.get(key())).isEqualTo(new FsVerity.Measurement(FsVerity.Hash.SHA256, DIGEST.hex()));
        assertThat(store.find(DIGEST)).isPresent();
    }

    @Test
    void publish_descriptorsStillOpenElsewhere_waitsForThem() throws Exception {
        assertThat(store.offersVerity()).isTrue();
        verity.busy = 3;
        store.publish(staged());
        assertThat(verity.busy).isZero();
        assertThat(verity.enabled).containsKey(key());
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
        openWithoutRequirement();
        place(CONTENT);
        store.publish(staged());
        assertThat(verity.enabled).containsKey(key());
    }

    @Test
    void publish_existingWithoutVerityAndOtherBytes_refused() throws Exception {
        openWithoutRequirement();
        place("other content".getBytes(StandardCharsets.US_ASCII));
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object)).isInstanceOf(BrokenObjectException.class);
        assertThat(verity.enabled).doesNotContainKey(key());
    }

    @Test
    void publish_existingMeasuredAsOther_refusedThoughBytesAgree() throws Exception {
        place(CONTENT);
        verity.enabled.put(key(), new FsVerity.Measurement(FsVerity.Hash.SHA256, "1".repeat(64)));
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOf(BrokenObjectException.class)
                .hasMessageContaining("1".repeat(64));
    }

    @Test
    void publish_existingMeasuredWithOtherHash_refused() throws Exception {
        place(CONTENT);
        verity.enabled.put(key(), new FsVerity.Measurement(FsVerity.Hash.SHA512, "1".repeat(128)));
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object)).isInstanceOf(BrokenObjectException.class);
    }

    @Test
    void open_newWhereVerityIsOffered_marksTheRepository() throws Exception {
        assertThat(store.requiresVerity()).isTrue();
        try (ObjectStore reading = ObjectStore.openForReading(store.folder(), verity)) {
            assertThat(reading.requiresVerity()).isTrue();
            assertThat(reading.offersVerity()).isTrue();
        }
    }

    @Test
    void anyReading_objectWithoutVerityWhereRequired_refused() throws Exception {
        place(CONTENT);
        String problem = "without fs-verity, which the repository requires";
        assertThatThrownBy(() -> store.find(DIGEST))
                .isInstanceOf(BrokenObjectException.class)
                .hasMessageContaining(problem);
        assertThatThrownBy(() -> store.read(DIGEST, CONTENT.length)).hasMessageContaining(problem);
        assertThatThrownBy(() -> store.stream(DIGEST)).hasMessageContaining(problem);
        assertThatThrownBy(() -> store.openVerified(DIGEST)).hasMessageContaining(problem);
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object)).hasMessageContaining(problem);
        try (ObjectStore reading = ObjectStore.openForReading(store.folder(), verity)) {
            assertThatThrownBy(() -> reading.find(DIGEST)).hasMessageContaining(problem);
        }
    }

    @Test
    void publish_whereRequiredAndTheFileSystemHasNone_refused() throws Exception {
        close();
        verity.offered = false;
        store = ObjectStore.openExisting(folder.resolve("store"), verity);
        staging = Staging.begin(store.folder(), "pull");
        assertThat(store.requiresVerity()).isTrue();
        StagedObject object = staged();
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("the file system has no fs-verity for fsverity-sha256-12");
        assertThat(store.path(DIGEST)).doesNotExist();
    }

    private void place(byte[] content) throws IOException {
        Files.createDirectories(store.path(DIGEST).resolveSibling("."));
        Files.write(store.path(DIGEST), content);
    }
}
