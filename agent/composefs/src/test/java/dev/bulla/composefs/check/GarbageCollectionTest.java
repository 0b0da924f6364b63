package dev.bulla.composefs.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.check.TestStore.Pulled;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.stream.ContentType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a collection keeps and deletes, and that it meets neither a pull nor its own end in the wrong moment. */
@Timeout(60)
class GarbageCollectionTest {
    @TempDir(factory = InMemory.class)
    Path temporary;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Pulled one;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Pulled two;

    @BeforeEach
    void pull() throws Exception {
        folder = temporary.resolve("store");
        store = new TestStore(folder);
        one = store.pull("one");
        two = store.pull("two");
        store.release();
    }

    private GcReport collect(String... keep) throws IOException {
        return collect(Set.of(keep), Set.of(), false, Deletion.REAL);
    }

    private GcReport collect(Set<String> keep, Set<VerityDigest> inUse, boolean dryRun, Deletion deletion)
            throws IOException {
        return collect(folder, keep, inUse, dryRun, deletion);
    }

    private static GcReport collect(
            Path folder, Set<String> keep, Set<VerityDigest> inUse, boolean dryRun, Deletion deletion)
            throws IOException {
        try (GarbageCollection collection = GarbageCollection.open(
                        folder, dryRun, () -> {}, CheckProgress.NONE, deletion)
                .orElseThrow()) {
            return collection.collect(keep, inUse);
        }
    }

    private void unname(Pulled pulled) throws IOException {
        Files.delete(folder.resolve(pulled.imageName()));
        Files.delete(folder.resolve(pulled.tag()));
    }

    private void assertClean() throws IOException {
        assertThat(Fsck.check(folder, FsckScope.EVERYTHING, CheckProgress.NONE).problems())
                .isEmpty();
    }

    @Test
    void collect_everythingNamed_deletesNothing() throws Exception {
        List<String> before = store.all();
        GcReport report = collect();
        assertThat(report.objects()).isZero();
        assertThat(report.bytes()).isZero();
        assertThat(report.entries()).isEmpty();
        assertThat(report.keptObjects()).isEqualTo(15);
        assertThat(report.keptImages()).containsExactlyInAnyOrder(one.image(), two.image());
        assertThat(store.all()).isEqualTo(before);
    }

    @Test
    void collect_absentStore_isNothing() throws Exception {
        assertThat(GarbageCollection.open(temporary.resolve("none"), false, () -> {}, CheckProgress.NONE))
                .isEmpty();
        assertThat(temporary.resolve("none")).doesNotExist();
    }

    @Test
    void collect_oneUnnamed_deletesItsOwnAndKeepsWhatIsShared() throws Exception {
        unname(one);
        long bytes = 0;
        for (Path entry : List.of(one.imageEntry(), one.layerEntry(), one.configEntry(), one.manifestEntry())) {
            bytes += Files.size(store.objectOf(entry));
        }
        GcReport report = collect();
        // The file of its own, the image, three streams, two documents of 100 bytes.
        assertThat(report.objects()).isEqualTo(7);
        assertThat(report.bytes()).isEqualTo(bytes + 5000 + 200);
        assertThat(report.images()).isEqualTo(1);
        assertThat(report.streams()).isEqualTo(3);
        assertThat(report.keptObjects()).isEqualTo(8);
        assertThat(report.keptImages()).containsExactly(two.image());
        assertThat(folder.resolve(one.imageEntry())).doesNotExist();
        assertThat(store.path(one.own())).doesNotExist();
        assertThat(store.path(two.own())).exists();
        assertClean();
        assertThat(collect().objects()).isZero();
    }

    @Test
    void collect_dryRun_saysTheSameAndDeletesNothing() throws Exception {
        unname(one);
        Files.createDirectories(folder.resolve("staging/dead"));
        List<String> before = store.all();
        GcReport dry = collect(Set.of(), Set.of(), true, path -> {
            throw new AssertionError("deleted " + path);
        });
        assertThat(store.all()).isEqualTo(before);
        assertThat(folder.resolve("staging/dead")).exists();
        GcReport wet = collect();
        assertThat(dry.dryRun()).isTrue();
        assertThat(dry).usingRecursiveComparison().ignoringFields("dryRun").isEqualTo(wet);
    }

    @Test
    void collect_imageNameAlone_keepsTheImageAndItsFiles() throws Exception {
        Files.delete(folder.resolve(one.tag()));
        GcReport report = collect();
        assertThat(report.images()).isZero();
        assertThat(report.streams()).isEqualTo(3);
        assertThat(store.path(one.own())).exists();
        assertClean();
    }

    @Test
    void collect_tagAlone_keepsTheImageThatTheConfigNames() throws Exception {
        Files.delete(folder.resolve(one.imageName()));
        GcReport report = collect();
        assertThat(report.objects()).isZero();
        assertThat(report.keptImages()).contains(one.image());
        assertClean();
    }

    @Test
    void collect_imageThatOnlyAStreamNames_keepsItsFilesToo() throws Exception {
        store.reopen();
        VerityDigest image = store.image(Map.of("alone", TestStore.bytes("in no layer", 200)));
        store.stream("other", ContentType.of("whatever"), Map.of("image", image), TestStore.bytes("x", 10));
        store.link("streams/refs/other", "../other");
        store.release();
        assertThat(collect().objects()).isZero();
        assertClean();
        Files.delete(folder.resolve("streams/refs/other"));
        assertThat(collect().objects()).isEqualTo(3);
        assertClean();
    }

    @Test
    void collect_namesInFolders_areRoots() throws Exception {
        unname(one);
        store.link("images/refs/a/b/c", "../../../../" + one.image().hex()).toFile();
        Files.delete(folder.resolve("images/refs/a/b/c"));
        store.link("images/refs/a/b/c", "../../../" + one.image().hex());
        assertThat(collect().keptImages()).contains(one.image());
        assertClean();
    }

    @Test
    void collect_keep_isARoot() throws Exception {
        unname(one);
        assertThat(collect(one.image().hex()).keptImages()).contains(one.image());
        assertThat(folder.resolve(one.layerEntry())).doesNotExist();
        assertClean();
    }

    @Test
    void collect_keepOfAStream_keepsWhatItLeadsTo() throws Exception {
        unname(one);
        assertThat(collect(one.manifest()).objects()).isZero();
    }

    @Test
    void collect_keepOfNothing_isRefusedAndDeletesNothing() throws Exception {
        unname(one);
        List<String> before = store.all();
        for (String name : new String[] {"nothing", "../images", ""}) {
            assertThatThrownBy(() -> collect(name))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("no image or stream \"" + name + "\"");
        }
        assertThat(store.all()).isEqualTo(before);
    }

    @Test
    void collect_imageInUse_isARootAndMayBeGone() throws Exception {
        unname(one);
        VerityDigest gone = new VerityDigest(VerityAlgorithm.SHA256_4K, "0".repeat(64));
        assertThat(collect(Set.of(), Set.of(one.image(), gone), false, Deletion.REAL)
                        .keptImages())
                .containsExactlyInAnyOrder(one.image(), two.image());
        assertClean();
    }

    @Test
    void collect_imageInUseWhoseLinkIsGone_keepsItsFiles() throws Exception {
        unname(one);
        Files.delete(folder.resolve(one.imageEntry()));
        collect(Set.of(), Set.of(one.image()), false, Deletion.REAL);
        assertThat(store.path(one.image())).exists();
        assertThat(store.path(one.own())).exists();
    }

    @Test
    void collect_configOfAnotherManifestToo_keepsItForTheOneThatIsLeft() throws Exception {
        // Two manifests of one config, as of a layer compressed twice; the later pull wrote the config's stream anew.
        store.reopen();
        String json = "{\"config of\":\"one\"}";
        VerityDigest config = store.stream(
                one.config(), ContentType.CONFIG, Map.of("composefs.image", one.image()), TestStore.bytes(json, 100));
        String reference = "config:" + one.config().substring("oci-config-".length());
        store.stream("later", ContentType.MANIFEST, Map.of(reference, config), TestStore.bytes("later", 100));
        store.release();
        collect();
        assertThat(folder.resolve(one.manifestEntry())).exists();
        assertThat(folder.resolve(one.configEntry())).exists();
        assertThat(folder.resolve(one.layerEntry())).exists();
        assertClean();
    }

    @Test
    void collect_namesOfNothing_areDeleted() throws Exception {
        store.link("images/refs/oci/gone", "../../" + "0".repeat(64));
        store.link("streams/half", "../objects/ab/" + "0".repeat(62));
        store.link("streams/refs/oci/half", "../../half");
        GcReport report = collect();
        assertThat(report.names())
                .containsExactlyInAnyOrder(Path.of("images/refs/oci/gone"), Path.of("streams/refs/oci/half"));
        assertThat(report.entries()).containsExactly(Path.of("streams/half"));
        assertClean();
    }

    @Test
    void collect_whatDeadWritersLeft_isDeletedAndWhatLivingOnesHaveIsNot() throws Exception {
        Path dead = Files.createDirectories(folder.resolve("staging/dead/inner"));
        Files.writeString(dead.resolve("1"), "12345");
        Files.createSymbolicLink(dead.resolve("link"), temporary);
        Files.writeString(folder.resolve("objects/.tmp-object-1"), "123");
        try (Staging living = Staging.begin(folder, "living")) {
            GcReport report = collect();
            assertThat(report.leftovers()).isEqualTo(2);
            assertThat(report.leftoverBytes()).isGreaterThanOrEqualTo(8);
            assertThat(living.folder()).exists();
        }
        assertThat(folder.resolve("staging")).isEmptyDirectory();
        assertThat(folder.resolve("objects/.tmp-object-1")).doesNotExist();
        assertThat(temporary).exists();
    }

    @Test
    void collect_whatCannotBeRead_isRefusedAndDeletesNothing() throws Exception {
        unname(two);
        store.reopen();
        VerityDigest none = store.object(TestStore.bytes("neither image nor stream", 8192));
        store.release();
        String object = "../objects/" + none.objectPath();
        List<Path> broken = List.of(
                store.link("streams/" + one.manifest(), object),
                store.link("images/refs/oci/loop", "loop"),
                store.link("streams/outside", "/etc/passwd"));
        List<String> before = store.all();
        for (Path link : broken) {
            assertThatThrownBy(this::collect)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("nothing was deleted")
                    .hasMessageContaining("bulla fsck");
            assertThat(store.all()).isEqualTo(before);
            if (!link.endsWith(one.manifest())) {
                Files.delete(link);
                before = store.all();
            }
        }
        assertThatThrownBy(this::collect).hasMessageContaining(one.manifest());
    }

    @Test
    void collect_metadataThatCannotBeRead_isRefused() throws Exception {
        Files.writeString(folder.resolve("meta.json"), "{");
        unname(one);
        assertThatThrownBy(this::collect).isInstanceOf(StoreException.class).hasMessageContaining("meta.json");
        assertThat(store.path(one.own())).exists();
    }

    @Test
    void collect_featureThatWritersMustKnow_isRefusedAndADryRunIsNot() throws Exception {
        Files.writeString(
                folder.resolve("meta.json"),
                "{\"version\":1,\"algorithm\":\"fsverity-sha256-12\","
                        + "\"features\":{\"read-only-compatible\":[\"new\"]}}");
        unname(one);
        assertThatThrownBy(this::collect).isInstanceOf(StoreException.class).hasMessageContaining("[new]");
        assertThat(store.path(one.own())).exists();
        assertThat(collect(Set.of(), Set.of(), true, Deletion.REAL).objects()).isEqualTo(7);
    }

    /** The process ends at this deletion. */
    private static final class End extends IOException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void collect_endedAtEachDeletion_leavesAValidStoreAndTheNextFinishes() throws Exception {
        unname(one);
        store.link("images/refs/oci/gone", "../../" + "0".repeat(64));
        int steps = 0;
        while (true) {
            int allowed = steps;
            int[] done = {0};
            Path copy = temporary.resolve("copy" + steps);
            copy(folder, copy);
            try {
                collect(copy, Set.of(), Set.of(), false, path -> {
                    if (done[0]++ == allowed) {
                        throw new End();
                    }
                    Files.delete(path);
                });
                break;
            } catch (End e) {
                List<Problem> problems = Fsck.check(copy, FsckScope.EVERYTHING, CheckProgress.NONE)
                        .problems();
                if (steps > 0) { // the first deletion is that of the name that led nowhere before
                    assertThat(problems).as("after " + steps + " deletions").isEmpty();
                }
                collect(copy, Set.of(), Set.of(), false, Deletion.REAL);
                assertThat(Fsck.check(copy, FsckScope.EVERYTHING, CheckProgress.NONE)
                                .problems())
                        .isEmpty();
                assertThat(copy.resolve("objects").resolve(one.own().objectPath()))
                        .doesNotExist();
                assertThat(copy.resolve("objects").resolve(two.own().objectPath()))
                        .exists();
            }
            steps++;
        }
        assertThat(steps).isEqualTo(1 + 4 + 7);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var children = Files.newDirectoryStream(from)) {
            for (Path child : children) {
                Path copied = to.resolve(child.getFileName());
                if (Files.isDirectory(child, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                    copy(child, copied);
                } else {
                    Files.copy(child, copied, java.nio.file.LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }

    @Test
    void collect_whileAPullHasTheStoreOpen_waitsForTheNames() throws Exception {
        store.reopen();
        CountDownLatch waiting = new CountDownLatch(1);
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<GcReport> collection = thread.submit(() -> {
                try (GarbageCollection open = GarbageCollection.open(
                                folder, false, waiting::countDown, CheckProgress.NONE)
                        .orElseThrow()) {
                    return open.collect(Set.of(), Set.of());
                }
            });
            assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
            // Nothing of this has a name before the last step.
            VerityDigest object = store.object(TestStore.bytes("new", 3000));
            assertThat(collection.isDone()).isFalse();
            VerityDigest image = store.image(Map.of("new", TestStore.bytes("new", 3000)));
            assertThat(collection.isDone()).isFalse();
            store.stream("new", ContentType.of("whatever"), Map.of("image", image), TestStore.bytes("new", 3000));
            assertThat(collection.isDone()).isFalse();
            store.link("streams/refs/new", "../new");
            assertThat(collection.isDone()).isFalse();
            store.release();
            assertThat(collection.get().objects()).isZero();
            assertThat(store.path(object)).exists();
        }
        assertClean();
    }

    @Test
    void collect_withPullsAllTheTime_neverTakesWhatOneStored() throws Exception {
        AtomicBoolean pulling = new AtomicBoolean(true);
        List<Future<?>> pulls = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int t = 0; t < 3; t++) {
                int thread = t;
                pulls.add(threads.submit(() -> {
                    for (int i = 0; i < 6; i++) {
                        try (TestStore other = new TestStore(folder)) {
                            Pulled pulled = other.pull("image-" + thread + "-" + i % 3);
                            if (i % 2 == 0) {
                                unname(pulled);
                            }
                        }
                    }
                    return null;
                }));
            }
            Future<?> collecting = threads.submit(() -> {
                while (pulling.get()) {
                    collect();
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                return null;
            });
            for (Future<?> pull : pulls) {
                pull.get();
            }
            pulling.set(false);
            collecting.get();
        }
        assertClean();
        GcReport last = collect();
        assertThat(last.keptImages()).contains(one.image(), two.image());
        assertClean();
    }
}
