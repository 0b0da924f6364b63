package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.Flock;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.Identity;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryOpeningTest {
    private static final byte[] CONTENT = "an object".getBytes(StandardCharsets.US_ASCII);
    private static final VerityDigest DIGEST = FsVerityDigester.of(VerityAlgorithm.SHA512_4K, CONTENT);

    private final FakeVerity verity = new FakeVerity();

    @TempDir
    Path temporary;

    private Path folder() {
        return temporary.resolve("store");
    }

    private Path metadata() {
        return folder().resolve("meta.json");
    }

    /** A repository of composefs-rs from before there was meta.json, with these files as objects. */
    private void olderRepository(String... names) throws IOException {
        for (String name : names) {
            Path object = folder().resolve("objects").resolve(name);
            Files.createDirectories(object.resolveSibling("."));
            Files.write(object, CONTENT);
        }
    }

    @Test
    void open_new_writesMetadata() throws Exception {
        ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K).close();
        assertThat(metadata()).hasContent(RepositoryMetadataTest.NEW);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(metadata())))
                .isEqualTo("rw-r--r--");
        assertThat(folder().resolve("staging")).isEmptyDirectory();
        assertThat(folder().resolve("streams")).isEmptyDirectory();
    }

    @Test
    void open_anotherAlgorithm_refused() throws Exception {
        ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K).close();
        assertThatThrownBy(() -> ObjectStore.open(folder(), VerityAlgorithm.SHA256_4K))
                .isInstanceOf(RepositoryMetadataException.class)
                .hasMessageContaining("algorithm fsverity-sha512-12, expected fsverity-sha256-12");
        assertThatThrownBy(() -> ObjectStore.open(folder(), VerityAlgorithm.SHA512_64K))
                .isInstanceOf(RepositoryMetadataException.class);
    }

    @Test
    void openExisting_metadataOfABlockSize_isTheStores() throws Exception {
        ObjectStore.open(folder(), VerityAlgorithm.SHA256_64K).close();
        try (ObjectStore store = ObjectStore.openExisting(folder())) {
            assertThat(store.algorithm()).isEqualTo(VerityAlgorithm.SHA256_64K);
        }
    }

    @Test
    void open_anythingButStoreOrNothing_refused() throws Exception {
        assertThatThrownBy(() -> ObjectStore.openExisting(folder())).isInstanceOf(StoreLayoutException.class);
        assertThatThrownBy(() -> ObjectStore.openForReading(folder())).isInstanceOf(StoreLayoutException.class);
        Files.createDirectory(folder());
        assertThatThrownBy(() -> ObjectStore.openExisting(folder()))
                .isInstanceOf(StoreLayoutException.class)
                .hasMessageContaining("neither meta.json nor objects");
        assertThatThrownBy(() -> ObjectStore.openForReading(folder())).isInstanceOf(StoreLayoutException.class);
        assertThat(folder()).isEmptyDirectory();
    }

    @Test
    void openExisting_older_infersTheAlgorithmAndWritesMetadata() throws Exception {
        olderRepository("zz/odd", "00/too-short", DIGEST.objectPath());
        try (ObjectStore store = ObjectStore.openExisting(folder(), verity)) {
            assertThat(store.algorithm()).isEqualTo(VerityAlgorithm.SHA512_4K);
            assertThat(store.requiresVerity()).isFalse();
        }
        assertThat(metadata()).hasContent(RepositoryMetadataTest.NEW);
    }

    @Test
    void openExisting_olderWithVerity_marksTheRepository() throws Exception {
        olderRepository(DIGEST.objectPath());
        try (OpenFile file = OpenFile.read(folder().resolve("objects").resolve(DIGEST.objectPath()))) {
            verity.enable(file, FsVerity.Hash.SHA512, 4096);
        }
        try (ObjectStore store = ObjectStore.openExisting(folder(), verity)) {
            assertThat(store.requiresVerity()).isTrue();
            assertThat(store.find(DIGEST)).isPresent();
        }
    }

    @Test
    void open_olderOfAnotherAlgorithm_refusedAndLeft() throws Exception {
        olderRepository(DIGEST.objectPath());
        assertThatThrownBy(() -> ObjectStore.open(folder(), VerityAlgorithm.SHA256_4K))
                .isInstanceOf(RepositoryMetadataException.class)
                .hasMessageContaining("algorithm fsverity-sha512-12");
        assertThat(metadata()).doesNotExist();
    }

    @Test
    void open_olderWithoutObjects_refusedUnlessTheAlgorithmIsNamed() throws Exception {
        Files.createDirectories(folder().resolve("objects/00"));
        assertThatThrownBy(() -> ObjectStore.openExisting(folder()))
                .isInstanceOf(RepositoryMetadataException.class)
                .hasMessageContaining("there is no object to tell the algorithm by");
        assertThatThrownBy(() -> ObjectStore.openForReading(folder())).isInstanceOf(RepositoryMetadataException.class);
        ObjectStore.open(folder(), VerityAlgorithm.SHA256_4K).close();
        try (ObjectStore store = ObjectStore.openExisting(folder())) {
            assertThat(store.algorithm()).isEqualTo(VerityAlgorithm.SHA256_4K);
        }
    }

    @Test
    void openForReading_older_writesNothing() throws Exception {
        olderRepository(DIGEST.objectPath());
        try (ObjectStore store = ObjectStore.openForReading(folder(), verity)) {
            assertThat(store.algorithm()).isEqualTo(VerityAlgorithm.SHA512_4K);
            assertThat(store.find(DIGEST)).isPresent();
            try (InputStream in = store.stream(DIGEST).orElseThrow()) {
                assertThat(in.readAllBytes()).isEqualTo(CONTENT);
            }
            assertThat(store.streams().list()).isEmpty();
            assertThat(store.references().all()).isEmpty();
        }
        try (Stream<Path> left = Files.list(folder())) {
            assertThat(left).containsExactly(folder().resolve("objects"));
        }
        assertThat(verity.enabled).isEmpty();
    }

    @Test
    void openForReading_anyChange_refused() throws Exception {
        ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K).close();
        try (ObjectStore store = ObjectStore.openForReading(folder());
                Staging staging = Staging.begin(folder(), "test")) {
            String problem = "is open for reading";
            assertThatThrownBy(() -> store.stage(staging.folder())).hasMessageContaining(problem);
            assertThatThrownBy(() -> store.publish(List.of())).hasMessageContaining(problem);
            assertThatThrownBy(() -> store.references().remove("name")).hasMessageContaining(problem);
            assertThatThrownBy(() -> store.references().put("name", DIGEST)).hasMessageContaining(problem);
            assertThatThrownBy(() -> store.streams().remove("stream")).hasMessageContaining(problem);
            assertThatThrownBy(() -> store.streams().putReference("a", "b")).hasMessageContaining(problem);
            assertThatThrownBy(() -> store.streams().removeReference("a")).hasMessageContaining(problem);
        }
    }

    @Test
    void open_foreignOwner_isForReadingOnly() throws Exception {
        assumeThat(Identity.effectiveUser()).as("changing owners needs root").isZero();
        ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K).close();
        Files.setAttribute(folder(), "unix:uid", 12345);
        assertThatThrownBy(() -> ObjectStore.openExisting(folder()))
                .isInstanceOf(StoreLayoutException.class)
                .hasMessageContaining("owned by user 12345");
        try (ObjectStore store = ObjectStore.openForReading(folder())) {
            assertThat(store.algorithm()).isEqualTo(VerityAlgorithm.SHA512_4K);
        }
    }

    @Test
    void open_unknownReadOnlyCompatibleFeature_isForReadingOnly() throws Exception {
        Files.createDirectory(folder());
        Files.writeString(metadata(), RepositoryMetadataTest.NEW.replace("\"v1_erofs\"", "\"v1_erofs\", \"later\""));
        assertThatThrownBy(() -> ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K))
                .isInstanceOf(RepositoryMetadataException.class)
                .hasMessageContaining("unknown feature \"later\": the repository can only be read");
        assertThatThrownBy(() -> ObjectStore.openExisting(folder())).isInstanceOf(RepositoryMetadataException.class);
        try (ObjectStore store = ObjectStore.openForReading(folder())) {
            assertThat(store.find(DIGEST)).isEmpty();
        }
    }

    @Test
    void open_metadataMalformedOrNoFile_refused() throws Exception {
        Files.createDirectory(folder());
        Files.writeString(metadata(), "{}");
        assertThatThrownBy(() -> ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K))
                .isInstanceOf(RepositoryMetadataException.class)
                .hasMessageContaining(metadata() + ": $: \"version\" is missing");
        Files.write(metadata(), new byte[RepositoryMetadata.MAX_BYTES + 1]);
        assertThatThrownBy(() -> ObjectStore.openForReading(folder())).hasMessageContaining("more than 65536 bytes");
        Files.delete(metadata());
        Files.createSymbolicLink(metadata(), Files.writeString(temporary.resolve("real"), RepositoryMetadataTest.NEW));
        assertThatThrownBy(() -> ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K))
                .isInstanceOf(StoreLayoutException.class)
                .hasMessageContaining("got a symbolic link, expected a regular file");
        Files.delete(metadata());
        Files.createDirectory(metadata());
        assertThatThrownBy(() -> ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K))
                .isInstanceOf(StoreLayoutException.class)
                .hasMessageContaining("got a directory, expected a regular file");
    }

    @Test
    void open_anyMode_sharesTheLockOfTheFolder() throws Exception {
        ObjectStore.open(folder(), VerityAlgorithm.SHA512_4K).close();
        try (ObjectStore one = ObjectStore.openExisting(folder())) {
            assertThat(one.folder()).isEqualTo(folder().toRealPath());
            assertThat(Flock.tryExclusive(folder())).isEmpty();
        }
        try (ObjectStore one = ObjectStore.openForReading(folder());
                ObjectStore two = ObjectStore.openForReading(folder())) {
            assertThat(one.folder()).isEqualTo(two.folder());
            assertThat(Flock.tryExclusive(folder())).isEmpty();
        }
        try (Flock alone = Flock.tryExclusive(folder()).orElseThrow()) {
            assertThat(alone.stillAt(folder())).isTrue();
        }
    }
}
