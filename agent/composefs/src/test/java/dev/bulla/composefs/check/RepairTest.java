package dev.bulla.composefs.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.check.TestStore.Pulled;
import dev.bulla.composefs.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a repair drops, what it leaves, and that a pull makes the rest whole. */
@Timeout(30)
class RepairTest {
    @TempDir(factory = InMemory.class)
    Path temporary;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Pulled one;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Pulled two;

    @BeforeEach
    void pull() throws Exception {
        store = new TestStore(temporary.resolve("store"));
        one = store.pull("one");
        two = store.pull("two");
        store.release();
    }

    private RepairReport repair() throws IOException {
        return Repair.run(store.folder(), FsckScope.EVERYTHING, () -> {}, CheckProgress.NONE);
    }

    private void assertTwoIsWhole() {
        for (Path path : List.of(two.imageName(), two.tag(), two.imageEntry(), two.layerEntry(), two.manifestEntry())) {
            assertThat(store.folder().resolve(path)).exists();
        }
    }

    @Test
    void run_cleanStore_dropsNothing() throws Exception {
        List<String> before = store.all();
        RepairReport report = repair();
        assertThat(report.before().isClean()).isTrue();
        assertThat(report.after().isClean()).isTrue();
        assertThat(report.dropped()).isEmpty();
        assertThat(store.all()).isEqualTo(before);
    }

    @Test
    void run_absentStore_isClean() throws Exception {
        RepairReport report = Repair.run(temporary.resolve("none"), FsckScope.EVERYTHING, () -> {}, CheckProgress.NONE);
        assertThat(report.after().isClean()).isTrue();
        assertThat(temporary.resolve("none")).doesNotExist();
    }

    @Test
    void run_damagedObject_dropsItAfterAllThatNeedsItAndAPullRestores() throws Exception {
        TestStore.flip(store.path(one.own()));
        RepairReport report = repair();
        assertThat(report.before().isClean()).isFalse();
        assertThat(report.after().isClean()).isTrue();
        assertThat(report.dropped())
                .startsWith(one.imageName(), one.tag())
                .endsWith(Path.of("objects", one.own().objectPath()))
                .contains(one.imageEntry(), one.layerEntry(), one.configEntry(), one.manifestEntry())
                .hasSize(7);
        assertTwoIsWhole();
        store.reopen();
        assertThat(store.pull("one")).isEqualTo(one);
        store.release();
        assertThat(repair().before().isClean()).isTrue();
    }

    @Test
    void run_missingObject_dropsWhatNeedsIt() throws Exception {
        Files.delete(store.path(one.own()));
        assertThat(repair().after().isClean()).isTrue();
        assertThat(store.folder().resolve(one.tag())).doesNotExist();
        assertTwoIsWhole();
    }

    @Test
    void run_everyKindOfBrokenLink_isDroppedAlone() throws Exception {
        store.link("streams/outside", "/etc/passwd");
        store.link("images/refs/oci/loop", "loop");
        store.link("images/refs/oci/gone", "../../" + "0".repeat(64));
        Files.writeString(store.folder().resolve("streams/refs/oci/file"), "x");
        Files.writeString(store.folder().resolve("objects/zz"), "x");
        RepairReport report = repair();
        assertThat(report.after().isClean()).isTrue();
        assertThat(report.dropped())
                .containsExactlyInAnyOrder(
                        Path.of("streams/outside"),
                        Path.of("images/refs/oci/loop"),
                        Path.of("images/refs/oci/gone"),
                        Path.of("streams/refs/oci/file"),
                        Path.of("objects/zz"));
        assertThat(Path.of("/etc/passwd")).exists();
        assertTwoIsWhole();
    }

    @Test
    void run_forgedManifest_isDroppedWithItsTag() throws Exception {
        store.reopen();
        store.stream(
                one.manifest(),
                dev.bulla.composefs.stream.ContentType.MANIFEST,
                Map.of(),
                TestStore.bytes("{\"forged\":1}", 100));
        store.release();
        RepairReport report = repair();
        assertThat(report.dropped()).containsExactly(one.tag(), one.manifestEntry());
        assertThat(report.after().isClean()).isTrue();
        assertTwoIsWhole();
    }

    @Test
    void run_folderThatIsNotEmptyAndMetadata_areLeftAndSaid() throws Exception {
        Path foreign = Files.createDirectories(store.folder().resolve("objects/foreign"));
        Files.writeString(foreign.resolve("file"), "x");
        Files.writeString(store.folder().resolve("meta.json"), "{");
        RepairReport report = repair();
        assertThat(report.dropped()).isEmpty();
        assertThat(report.after().problems()).hasSize(2);
        assertThat(foreign.resolve("file")).exists();
    }

    @Test
    void run_metadataThatCannotBeRead_dropsNothing() throws Exception {
        // Only it says that digests are over blocks of 64 KiB: without it every object looks damaged.
        TestStore large = new TestStore(temporary.resolve("large"), VerityAlgorithm.SHA256_64K);
        large.pull("one");
        large.release();
        Files.writeString(large.folder().resolve("meta.json"), "{");
        List<String> before = large.all();
        RepairReport report = Repair.run(large.folder(), FsckScope.EVERYTHING, () -> {}, CheckProgress.NONE);
        assertThat(report.dropped()).isEmpty();
        assertThat(report.after().isClean()).isFalse();
        assertThat(large.all()).isEqualTo(before);
    }

    @Test
    void run_featureThatWritersMustKnow_isRefused() throws Exception {
        Files.writeString(
                store.folder().resolve("meta.json"),
                "{\"version\":1,\"algorithm\":\"fsverity-sha256-12\","
                        + "\"features\":{\"read-only-compatible\":[\"new\"]}}");
        TestStore.flip(store.path(one.own()));
        List<String> before = store.all();
        assertThatThrownBy(this::repair).isInstanceOf(StoreException.class).hasMessageContaining("[new]");
        assertThat(store.all()).isEqualTo(before);
    }
}
