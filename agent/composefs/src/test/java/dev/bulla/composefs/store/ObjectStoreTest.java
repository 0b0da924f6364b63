package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.SpecialFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ObjectStoreTest {
    private static final byte[] CONTENT = "a file of more than sixty-four bytes, so that it is stored outside the image"
            .getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Staging staging;

    @BeforeEach
    void open() throws Exception {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "pull");
    }

    @AfterEach
    void close() throws Exception {
        staging.close();
        store.close();
    }

    private StagedObject staged(byte[] content) throws IOException {
        return staged(store, content);
    }

    private StagedObject staged(ObjectStore in, byte[] content) throws IOException {
        try (StagedFile file = in.stage(staging.folder())) {
            file.write(content);
            return file.finish();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void open_newFolder_hasTheLayoutAndModes() throws Exception {
        assertThat(mode(store.folder())).isEqualTo("rwx------");
        assertThat(mode(store.objects())).isEqualTo("rwxr-xr-x");
        assertThat(mode(store.folder().resolve("images"))).isEqualTo("rwxr-xr-x");
        assertThat(mode(store.folder().resolve("staging"))).isEqualTo("rwx------");
    }

    @ParameterizedTest
    @EnumSource
    void publish_newContent_isStoredUnderItsDigest(VerityAlgorithm algorithm) throws Exception {
        try (ObjectStore other = ObjectStore.open(folder.resolve(algorithm.id()), algorithm)) {
            StagedObject object = staged(other, CONTENT);
            assertThat(object.digest()).isEqualTo(FsVerityDigester.of(algorithm, CONTENT));
            assertThat(object.size()).isEqualTo(CONTENT.length);
            assertThat(other.find(object.digest())).isEmpty();

            other.publish(object);

            Path path = other.path(object.digest());
            assertThat(path).hasBinaryContent(CONTENT);
            assertThat(path).isEqualTo(other.objects().resolve(object.digest().objectPath()));
            assertThat(mode(path)).isEqualTo("rw-r--r--");
            assertThat(mode(path.resolveSibling("."))).isEqualTo("rwxr-xr-x");
            assertThat(object.file()).doesNotExist();
            assertThat(other.find(object.digest())).contains(path);
        }
    }

    @Test
    void publish_many_allAreStored() throws Exception {
        List<StagedObject> objects = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            objects.add(staged(("content " + i % 250).getBytes(StandardCharsets.US_ASCII)));
        }
        store.publish(objects);
        for (StagedObject object : objects) {
            assertThat(store.find(object.digest())).isPresent();
            assertThat(object.file()).doesNotExist();
        }
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void publish_existingObject_isCheckedAndKept() throws Exception {
        store.publish(staged(CONTENT));
        StagedObject again = staged(CONTENT);
        Object inode = Files.getAttribute(store.path(again.digest()), "unix:ino");
        store.publish(again);
        assertThat(Files.getAttribute(store.path(again.digest()), "unix:ino")).isEqualTo(inode);
        assertThat(again.file()).doesNotExist();
    }

    @Test
    void publish_existingObjectWithOtherBytes_refusedAndLeftAlone() throws Exception {
        StagedObject object = staged(CONTENT);
        Path path = store.path(object.digest());
        Files.createDirectories(path.resolveSibling("."));
        byte[] wrong = CONTENT.clone();
        wrong[0] ^= 1;
        Files.write(path, wrong);
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOfSatisfying(BrokenObjectException.class, e -> {
                    assertThat(e.path()).isEqualTo(path);
                    assertThat(e.expected()).isEqualTo(object.digest());
                })
                .hasMessage("store: object " + path + ": got fs-verity digest "
                        + FsVerityDigester.of(VerityAlgorithm.SHA256_4K, wrong) + ", expected fs-verity digest "
                        + object.digest());
        assertThat(path).hasBinaryContent(wrong);
        assertThat(object.file()).exists();
    }

    @Test
    void read_object_upToTheLimitAndNotBeyond() throws Exception {
        StagedObject object = staged(CONTENT);
        assertThat(store.read(object.digest(), CONTENT.length)).isEmpty();
        store.publish(object);
        assertThat(store.read(object.digest(), CONTENT.length).orElseThrow()).isEqualTo(CONTENT);
        assertThatThrownBy(() -> store.read(object.digest(), CONTENT.length - 1))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("got " + CONTENT.length + " bytes, limit " + (CONTENT.length - 1));
    }

    @Test
    void read_brokenObject_refused() throws Exception {
        StagedObject object = staged(CONTENT);
        store.publish(object);
        Files.write(store.path(object.digest()), new byte[CONTENT.length]);
        assertThatThrownBy(() -> store.read(object.digest(), 1000)).isInstanceOf(BrokenObjectException.class);
        assertThatThrownBy(() -> store.find(object.digest())).isInstanceOf(BrokenObjectException.class);
    }

    @Test
    void publish_emptyFileInPlace_refused() throws Exception {
        StagedObject object = staged(CONTENT);
        Path path = store.path(object.digest());
        Files.createDirectories(path.resolveSibling("."));
        Files.createFile(path);
        assertThatThrownBy(() -> store.publish(object)).isInstanceOf(BrokenObjectException.class);
    }

    @Test
    @Timeout(10)
    void publish_foreignFileInPlace_refused() throws Exception {
        StagedObject object = staged(CONTENT);
        Path path = store.path(object.digest());
        Files.createDirectories(path.resolveSibling("."));

        Path elsewhere = Files.write(folder.resolve("elsewhere"), CONTENT);
        Files.createSymbolicLink(path, elsewhere);
        assertThatThrownBy(() -> store.publish(object)).isInstanceOf(BrokenObjectException.class);

        Files.delete(path);
        Files.createDirectory(path);
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOf(BrokenObjectException.class)
                .hasMessageContaining("a directory");

        Files.delete(path);
        SpecialFiles.fifo(path, 0600);
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOf(BrokenObjectException.class)
                .hasMessageContaining("a fifo");
    }

    @Test
    void publish_symlinkForThePrefixFolder_refused() throws Exception {
        StagedObject object = staged(CONTENT);
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(store.objects().resolve(object.digest().hex().substring(0, 2)), elsewhere);
        assertThatThrownBy(() -> store.publish(object)).isInstanceOf(StoreException.class);
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void publish_stagedFileShortened_refused() throws Exception {
        StagedObject object = staged(CONTENT);
        Files.write(object.file(), new byte[3]);
        assertThatThrownBy(() -> store.publish(object))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("of 3 bytes, expected a regular file of " + CONTENT.length);
        assertThat(store.find(object.digest())).isEmpty();
    }

    @Test
    void open_symlinkOrFileForObjects_refused() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path other = folder.resolve("other");
        ObjectStore.open(other, VerityAlgorithm.SHA256_4K).close();
        Files.delete(other.resolve("objects"));
        Files.createSymbolicLink(other.resolve("objects"), elsewhere);
        assertThatThrownBy(() -> ObjectStore.open(other, VerityAlgorithm.SHA256_4K))
                .isInstanceOfSatisfying(
                        StoreLayoutException.class, e -> assertThat(e.path()).isEqualTo(other.resolve("objects")))
                .hasMessageContaining("got a symbolic link, expected a directory");
        Files.delete(other.resolve("objects"));
        Files.createFile(other.resolve("objects"));
        assertThatThrownBy(() -> ObjectStore.open(other, VerityAlgorithm.SHA256_4K))
                .hasMessageContaining("got a regular file, expected a directory");
    }

    @Test
    void open_storeWritableByOthers_refused() throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThatThrownBy(() -> ObjectStore.open(other, VerityAlgorithm.SHA256_4K))
                .isInstanceOf(StoreLayoutException.class)
                .hasMessageContaining("mode 0775, expected not writable by group or others");
    }

    @Test
    void open_throughASymlink_usesTheFolderItself() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), store.folder());
        try (ObjectStore same = ObjectStore.open(link, VerityAlgorithm.SHA256_4K)) {
            assertThat(same.folder()).isEqualTo(store.folder());
        }
    }

    @Test
    void publishImage_new_linksItAndAgain() throws Exception {
        VerityDigest digest = store.publishImage(staged(CONTENT));
        Path link = store.folder().resolve("images").resolve(digest.hex());
        assertThat(store.imagePath(digest)).isEqualTo(link);
        assertThat(Files.readSymbolicLink(link)).isEqualTo(Path.of("../objects", digest.objectPath()));
        assertThat(link).hasBinaryContent(CONTENT);
        assertThat(store.publishImage(staged(CONTENT))).isEqualTo(digest);
        assertThat(store.hasImage(digest)).isTrue();
    }

    @Test
    void publishImage_somethingElseUnderTheName_refused() throws Exception {
        StagedObject image = staged(CONTENT);
        Path link = store.imagePath(image.digest());
        Files.createSymbolicLink(link, Path.of("../objects/00/other"));
        assertThatThrownBy(() -> store.publishImage(image)).isInstanceOf(StoreLayoutException.class);
        Files.delete(link);
        Files.writeString(link, "foreign");
        StagedObject again = staged(CONTENT);
        assertThatThrownBy(() -> store.publishImage(again)).isInstanceOf(StoreLayoutException.class);
        assertThat(link).hasContent("foreign");
    }

    @Test
    void publish_severalThreadsTheSameContents_allSucceed() throws Exception {
        List<Callable<List<StagedObject>>> tasks = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            tasks.add(() -> {
                List<StagedObject> objects = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    objects.add(staged(("shared " + i).getBytes(StandardCharsets.US_ASCII)));
                }
                store.publish(objects);
                return objects;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<List<StagedObject>> done : threads.invokeAll(tasks)) {
                for (StagedObject object : done.get()) {
                    assertThat(store.find(object.digest())).isPresent();
                }
            }
        }
        assertThat(staging.folder()).isEmptyDirectory();
        try (Stream<Path> files = Files.walk(store.objects())) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(100);
        }
    }

    @Test
    void crash_afterPublishBeforeTheImage_leavesAValidStore() throws Exception {
        StagedObject published = staged(CONTENT);
        staged("staged and abandoned".getBytes(StandardCharsets.US_ASCII));
        store.publish(published);
        staging.close(); // what the kernel and the next opening do together when a process dies
        store.close();
        store = ObjectStore.open(store.folder(), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "pull");
        assertThat(store.find(published.digest())).isPresent();
        assertThat(store.folder().resolve("images")).isEmptyDirectory();
        assertThat(store.publishImage(staged(CONTENT))).isEqualTo(published.digest());
    }
}
