package dev.bulla.composefs.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.check.TestStore.Pulled;
import dev.bulla.composefs.oci.GoldenRepository;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.store.StoreLayoutException;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import dev.bulla.linux.PathBytes;
import dev.bulla.linux.SpecialFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One store for each thing that may be broken in it. */
@Timeout(30)
class FsckTest {
    private static final String OTHER = "ab/" + "0".repeat(62);

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
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private FsckReport check() throws IOException {
        return check(FsckScope.EVERYTHING);
    }

    private FsckReport check(FsckScope scope) throws IOException {
        return Fsck.check(store.folder(), scope, CheckProgress.NONE);
    }

    private <T extends Finding> T only(Class<T> type, Path... neededBy) throws IOException {
        Problem problem = onlyProblem();
        assertThat(problem.finding()).isInstanceOf(type);
        assertThat(problem.neededBy()).containsExactlyInAnyOrder(neededBy);
        assertThat(problem.neededBy()).isSorted();
        return type.cast(problem.finding());
    }

    private Problem onlyProblem() throws IOException {
        FsckReport report = check();
        assertThat(report.isClean()).isFalse();
        assertThat(report.problems()).hasSize(1);
        return report.problems().getFirst();
    }

    private static Path[] of(Pulled... pulled) {
        List<Path> paths = new ArrayList<>();
        for (Pulled each : pulled) {
            paths.addAll(List.of(
                    each.imageEntry(),
                    each.imageName(),
                    each.layerEntry(),
                    each.configEntry(),
                    each.manifestEntry(),
                    each.tag()));
        }
        return paths.toArray(Path[]::new);
    }

    @ParameterizedTest
    @EnumSource
    void check_storeOfAPull_isClean(VerityAlgorithm algorithm) throws Exception {
        try (TestStore other = new TestStore(temporary.resolve("other"), algorithm)) {
            other.pull("one");
            Files.writeString(
                    other.folder().resolve("meta.json"), "{\"version\":1,\"algorithm\":\"" + algorithm.id() + "\"}");
            FsckReport report = Fsck.check(other.folder(), FsckScope.EVERYTHING, CheckProgress.NONE);
            assertThat(report.problems()).isEmpty();
            assertThat(report.isClean()).isTrue();
            assertThat(report.metadata()).isEqualTo(FsckReport.MetadataState.FINE);
        }
    }

    @Test
    void check_storeOfTwoPulls_countsWhatThereIs() throws Exception {
        FsckReport report = check();
        assertThat(report.problems()).isEmpty();
        // A shared file; for each image its own file, the image, three streams and two JSON documents.
        assertThat(report.objects()).isEqualTo(1 + 2 * 7);
        assertThat(report.objectBytes()).isPositive();
        assertThat(report.streams()).isEqualTo(6);
        assertThat(report.images()).isEqualTo(2);
        assertThat(report.references()).isEqualTo(4);
    }

    @Test
    void check_absentStore_isClean() throws Exception {
        FsckReport report = Fsck.check(temporary.resolve("none"), FsckScope.EVERYTHING, CheckProgress.NONE);
        assertThat(report.isClean()).isTrue();
        assertThat(report.metadata()).isEqualTo(FsckReport.MetadataState.ABSENT);
        assertThat(temporary.resolve("none")).doesNotExist();
    }

    @Test
    void check_halfInitialisedStores_areClean() throws Exception {
        Path half = Files.createDirectory(temporary.resolve("half"));
        for (String next : new String[] {"objects", "images", "images/refs", "streams", "streams/refs", "objects/ab"}) {
            Files.createDirectories(half.resolve(next));
            assertThat(Fsck.check(half, FsckScope.EVERYTHING, CheckProgress.NONE)
                            .isClean())
                    .isTrue();
        }
    }

    @Test
    void check_fileForAStore_isRefused() throws Exception {
        Path file = Files.createFile(temporary.resolve("file"));
        assertThatThrownBy(() -> Fsck.check(file, FsckScope.EVERYTHING, CheckProgress.NONE))
                .isInstanceOf(StoreLayoutException.class);
    }

    @Test
    void check_stagingWithAndWithoutItsPull_isClean() throws Exception {
        Files.writeString(
                Files.createDirectories(store.folder().resolve("staging/dead")).resolve("1"), "left");
        try (Staging living = Staging.begin(store.folder(), "living")) {
            Files.writeString(living.folder().resolve("1"), "begun");
            assertThat(check().isClean()).isTrue();
        }
    }

    @Test
    void check_temporaryFileOfComposefsRs_isClean() throws Exception {
        Files.writeString(store.folder().resolve("objects/.tmp-object-abcdef"), "begun");
        assertThat(check().isClean()).isTrue();
    }

    @Test
    void check_byteFlippedInAFile_namesAllThatNeedIt() throws Exception {
        TestStore.flip(store.path(one.own()));
        Finding.DamagedObject finding = only(Finding.DamagedObject.class, of(one));
        assertThat(finding.digest()).isEqualTo(one.own());
        assertThat(finding.got())
                .startsWith("fs-verity digest ")
                .doesNotContain(one.own().hex());
        assertThat(finding.expected()).contains(one.own().hex());
        assertThat(check(FsckScope.METADATA_ONLY).isClean()).isTrue();
    }

    @Test
    void check_byteFlippedInASharedFile_namesBothImages() throws Exception {
        VerityDigest shared = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, TestStore.bytes("shared ", 300));
        TestStore.flip(store.path(shared));
        only(Finding.DamagedObject.class, of(one, two));
    }

    @Test
    void check_byteFlippedInAnImage_isTheObjectsFinding() throws Exception {
        TestStore.flip(store.path(one.image()));
        only(
                Finding.DamagedObject.class,
                one.imageEntry(),
                one.imageName(),
                one.configEntry(),
                one.manifestEntry(),
                one.tag());
    }

    @Test
    void check_byteFlippedInAStream_isTheObjectsFinding() throws Exception {
        TestStore.flip(store.objectOf(one.manifestEntry()));
        only(Finding.DamagedObject.class, one.manifestEntry(), one.tag());
    }

    @ParameterizedTest
    @EnumSource
    void check_objectGone_isMissingInEitherScope(FsckScope scope) throws Exception {
        Files.delete(store.path(one.own()));
        FsckReport report = check(scope);
        assertThat(report.problems()).hasSize(1);
        Problem problem = report.problems().getFirst();
        assertThat(problem.finding()).isEqualTo(new Finding.MissingObject(one.own()));
        assertThat(problem.neededBy()).containsExactlyInAnyOrder(of(one));
    }

    @Test
    void check_imageObjectGone_isMissing() throws Exception {
        Files.delete(store.path(one.image()));
        only(
                Finding.MissingObject.class,
                one.imageEntry(),
                one.imageName(),
                one.configEntry(),
                one.manifestEntry(),
                one.tag());
    }

    @Test
    void check_layerStreamsObjectGone_isMissing() throws Exception {
        Files.delete(store.objectOf(one.layerEntry()));
        only(Finding.MissingObject.class, one.layerEntry(), one.configEntry(), one.manifestEntry(), one.tag());
    }

    @Test
    void check_linkOrFolderOrFifoForAnObject_isDamaged() throws Exception {
        Path object = store.path(one.own());
        Path outside = Files.move(object, temporary.resolve("outside"));
        Files.createSymbolicLink(object, outside);
        assertThat(only(Finding.DamagedObject.class, of(one)).got()).isEqualTo("a symbolic link");
        Files.delete(object);
        Files.createDirectory(object);
        assertThat(only(Finding.DamagedObject.class, of(one)).got()).isEqualTo("a directory");
        Files.delete(object);
        SpecialFiles.fifo(object, 0600);
        assertThat(only(Finding.DamagedObject.class, of(one)).got()).isEqualTo("a fifo");
    }

    @Test
    void check_emptyAndTruncatedObject_areDamaged() throws Exception {
        Files.write(store.path(one.own()), new byte[0]);
        only(Finding.DamagedObject.class, of(one));
        Files.write(store.path(one.own()), Arrays.copyOf(TestStore.bytes("of one ", 5000), 4999));
        only(Finding.DamagedObject.class, of(one));
    }

    @ParameterizedTest
    @ValueSource(strings = {"objects/ab/short", "objects/xy", "objects/ab/ABCD", "objects/abc", "objects/ab/größe"})
    void check_nameThatNoObjectHas_isUnexpected(String path) throws Exception {
        int slash = path.lastIndexOf('/');
        Path parent = Files.createDirectories(store.folder().resolve(path.substring(0, slash)));
        // Made of bytes: the locale may have no such letters.
        Path file = PathBytes.resolve(parent, path.substring(slash + 1).getBytes(StandardCharsets.UTF_8));
        Files.writeString(file, "x");
        assertThat(only(Finding.UnexpectedEntry.class).path())
                .isEqualTo(store.folder().relativize(file));
    }

    @Test
    void check_objectOfAnotherAlgorithmThanTheStores_isUnexpected() throws Exception {
        Files.writeString(store.folder().resolve("meta.json"), "{\"version\":1,\"algorithm\":\"fsverity-sha256-12\"}");
        assertThat(check().isClean()).isTrue();
        Path file = store.folder().resolve("objects/ab/" + "0".repeat(126));
        Files.createDirectories(file.getParent());
        Files.writeString(file, "x");
        assertThat(only(Finding.UnexpectedEntry.class).expected()).contains("fsverity-sha256-12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"objects", "images", "streams", "images/refs", "streams/refs", "streams/refs/oci"})
    void check_linkForAFolder_isFoundAndNotFollowed(String folder) throws Exception {
        Path moved = Files.move(store.folder().resolve(folder), temporary.resolve("moved"));
        Files.createSymbolicLink(store.folder().resolve(folder), moved);
        FsckReport report = check();
        assertThat(report.problems())
                .extracting(problem -> problem.finding().path())
                .contains(Path.of(folder));
        assertThat(report.isClean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "../../outside",
                "../objects/../../outside",
                "../objects",
                "..",
                "../objects/ab/cd/more",
                "../streams/broken",
                "broken"
            })
    void check_streamThatLeadsElsewhere_isMisleading(String target) throws Exception {
        store.link("streams/broken", target);
        Finding.MisleadingLink finding = only(Finding.MisleadingLink.class);
        assertThat(finding.path()).isEqualTo(Path.of("streams/broken"));
        assertThat(finding.got()).contains(target);
    }

    @Test
    void check_imageThatLeadsToAnother_isMisleading() throws Exception {
        store.link("images/" + one.image().hex(), "../objects/" + two.image().objectPath());
        Problem problem = onlyProblem();
        assertThat(problem.finding()).isInstanceOf(Finding.MisleadingLink.class);
        assertThat(problem.neededBy()).containsExactly(one.imageName());
    }

    @Test
    void check_fileForALink_isUnexpected() throws Exception {
        Files.delete(store.folder().resolve(one.imageEntry()));
        Files.writeString(store.folder().resolve(one.imageEntry()), "x");
        assertThat(only(Finding.UnexpectedEntry.class, one.imageName()).got()).isEqualTo("a regular file");
    }

    @Test
    void check_streamLinkWithoutObject_isMissing() throws Exception {
        store.link("streams/gone", "../objects/" + OTHER);
        assertThat(only(Finding.MissingObject.class, Path.of("streams/gone")).path())
                .isEqualTo(Path.of("objects/" + OTHER));
    }

    @Test
    void check_truncatedStream_isMalformed() throws Exception {
        byte[] bytes = Files.readAllBytes(store.objectOf(one.manifestEntry()));
        for (int length : new int[] {0, 5, 31, 100, bytes.length / 2, bytes.length - 1}) {
            VerityDigest cut = store.object(Arrays.copyOf(bytes, length));
            store.link("streams/" + one.manifest(), "../objects/" + cut.objectPath());
            Finding.MalformedStream finding = only(Finding.MalformedStream.class, one.tag());
            assertThat(finding.path()).isEqualTo(one.manifestEntry());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci-manifest-", "oci-config-", "oci-layer-", "oci-blob-"})
    void check_streamOfOtherContentThanItsName_isWrong(String kind) throws Exception {
        ContentType type =
                StreamName.of(kind + "sha256:" + "0".repeat(64)).contentType().orElseThrow();
        String name = kind + "sha256:" + "0".repeat(64);
        store.stream(name, type, Map.of(), TestStore.bytes("forged", 40), TestStore.bytes("forged", 400));
        Finding.WrongContent finding = only(Finding.WrongContent.class);
        assertThat(finding.path()).isEqualTo(Path.of("streams", name));
        assertThat(finding.expected()).contains("0".repeat(64));
        assertThat(check(FsckScope.METADATA_ONLY).isClean()).isTrue();
    }

    @Test
    void check_streamOfAnotherContentType_isMalformed() throws Exception {
        byte[] json = TestStore.bytes("{}", 100);
        String name = "oci-manifest-" + dev.bulla.oci.Digest.Algorithm.SHA256.of(json);
        store.stream(name, ContentType.CONFIG, Map.of(), json);
        assertThat(only(Finding.MalformedStream.class).got()).contains("ociconfg");
    }

    @Test
    void check_streamOfUnknownKind_isReadOnly() throws Exception {
        store.stream("other", ContentType.of("whatever"), Map.of(), TestStore.bytes("x", 100));
        assertThat(check().isClean()).isTrue();
    }

    @Test
    void check_streamThatNamesItself_endsAndIsNoFinding() throws Exception {
        // A digest cannot be in what it is the digest of; two links of one object, and a name in it, come near.
        VerityDigest inner = store.stream("inner", ContentType.of("whatever"), Map.of(), TestStore.bytes("x", 10));
        store.stream("outer", ContentType.of("whatever"), Map.of("inner", inner), TestStore.bytes("y", 10));
        store.link(
                "streams/loop",
                "../objects/" + store.folder().resolve("objects").relativize(store.objectOf(Path.of("streams/outer"))));
        assertThat(check().isClean()).isTrue();
        Files.delete(store.path(inner));
        only(Finding.MissingObject.class, Path.of("streams/inner"), Path.of("streams/outer"), Path.of("streams/loop"));
    }

    @Test
    void check_imageWhoseFileHasAnotherSizeThanItsObject_isMalformed() throws Exception {
        VerityDigest object = store.object(TestStore.bytes("short", 300));
        Directory root = new Directory(Metadata.ofRoot(0755));
        root.put(
                ByteString.utf8("file"),
                new RegularFile(Metadata.ofRoot(0644), FileContent.External.of(100_000, object)));
        VerityDigest image = store.image(root);
        Finding.MalformedImage finding = only(Finding.MalformedImage.class);
        assertThat(finding.path()).isEqualTo(Path.of("images", image.hex()));
        assertThat(finding.got()).contains("100000").contains("300");
    }

    @Test
    void check_imageThatIsNone_isMalformed() throws Exception {
        VerityDigest object = store.object(TestStore.bytes("no image", 8192));
        store.link("images/" + object.hex(), "../objects/" + object.objectPath());
        Finding.MalformedImage finding = only(Finding.MalformedImage.class);
        assertThat(finding.path()).isEqualTo(Path.of("images", object.hex()));
    }

    @Test
    void check_imageWhoseFileIsElsewhere_isMalformed() throws Exception {
        Directory root = new Directory(Metadata.ofRoot(0755));
        root.put(
                ByteString.utf8("file"),
                new RegularFile(
                        Metadata.ofRoot(0644),
                        new FileContent.External(100, Optional.of(one.own()), ByteString.utf8(OTHER))));
        VerityDigest image = store.image(root);
        Finding.MalformedImage finding = only(Finding.MalformedImage.class);
        assertThat(finding.path()).isEqualTo(Path.of("images", image.hex()));
        assertThat(finding.got()).contains("\"/file\"", OTHER);
    }

    @Test
    void check_nameOfNothing_dangles() throws Exception {
        store.link("images/refs/oci/gone", "../../" + "0".repeat(64));
        assertThat(only(Finding.DanglingReference.class).path()).isEqualTo(Path.of("images/refs/oci/gone"));
        Files.delete(store.folder().resolve("images/refs/oci/gone"));
        store.link("streams/refs/a/b/c", "../../../../nothing");
        Finding.MisleadingLink tooFar = only(Finding.MisleadingLink.class);
        assertThat(tooFar.expected()).startsWith("../../../ and");
        store.link("streams/refs/a/b/c", "../../../nothing");
        assertThat(only(Finding.DanglingReference.class).got()).contains("streams/nothing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../../../outside", "../..", "../../refs", ".", "loop", "../../oci/loop"})
    void check_nameThatLeadsElsewhere_isMisleading(String target) throws Exception {
        store.link("images/refs/oci/loop", target);
        Finding.MisleadingLink finding = only(Finding.MisleadingLink.class);
        assertThat(finding.path()).isEqualTo(Path.of("images/refs/oci/loop"));
    }

    @Test
    void check_fileAmongNames_isUnexpected() throws Exception {
        Files.writeString(store.folder().resolve("streams/refs/oci/file"), "x");
        assertThat(only(Finding.UnexpectedEntry.class).path()).isEqualTo(Path.of("streams/refs/oci/file"));
    }

    @Test
    void check_namesInManyFolders_upToTheLimitAndNotBeyond() throws Exception {
        String levels = "d/".repeat(StoreFiles.MAX_LEVELS - 1);
        store.link(
                "images/refs/" + levels + "name",
                "../".repeat(StoreFiles.MAX_LEVELS) + one.image().hex());
        assertThat(check().isClean()).isTrue();
        Files.createDirectory(store.folder().resolve("images/refs/" + levels + "d"));
        assertThat(only(Finding.UnexpectedEntry.class).got()).contains("below " + StoreFiles.MAX_LEVELS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"version\":2,\"algorithm\":\"fsverity-sha256-12\"}",
                "{\"version\":1,\"algorithm\":\"fsverity-md5-12\"}",
                "{\"version\":1,\"algorithm\":\"fsverity-sha256-12\",\"features\":{\"incompatible\":[\"new\"]}}"
            })
    void check_metadataThatIsNone_isMalformed(String json) throws Exception {
        Files.writeString(store.folder().resolve("meta.json"), json);
        FsckReport report = check();
        assertThat(report.metadata()).isEqualTo(FsckReport.MetadataState.BROKEN);
        assertThat(only(Finding.MalformedDocument.class).path()).isEqualTo(Path.of("meta.json"));
    }

    @Test
    void check_metadataTooLarge_isMalformed() throws Exception {
        Files.writeString(store.folder().resolve("meta.json"), " ".repeat((1 << 16) + 1));
        assertThat(only(Finding.MalformedDocument.class).got()).contains("more than 65536 bytes");
    }

    @Test
    void check_linkForMetadata_isMalformed() throws Exception {
        Files.deleteIfExists(store.folder().resolve("meta.json"));
        Path outside = Files.writeString(
                temporary.resolve("outside"),
                "{\"version\":1,\"algorithm\":\"fsverity-sha256-12\"}",
                StandardCharsets.UTF_8);
        Files.createSymbolicLink(store.folder().resolve("meta.json"), outside);
        only(Finding.MalformedDocument.class);
    }

    @Test
    void check_severalThings_allAreListedInOrder() throws Exception {
        Files.delete(store.path(one.own()));
        TestStore.flip(store.path(two.own()));
        store.link("streams/broken", "elsewhere");
        store.link("images/refs/oci/gone", "../../" + "0".repeat(64));
        FsckReport report = check();
        assertThat(report.problems()).hasSize(4);
        assertThat(report.problems())
                .extracting(problem -> problem.finding().path())
                .isSorted();
        assertThat(report.problems())
                .extracting(problem -> problem.finding().kind())
                .containsExactlyInAnyOrder("missing-object", "damaged-object", "misleading-link", "dangling-reference");
    }

    @Test
    void check_moreFindingsThanAreKept_countsTheOthers() {
        Findings findings = new Findings();
        for (int i = 0; i < Findings.MAX_LISTED + 3; i++) {
            findings.add(new Finding.UnexpectedEntry(Path.of("objects/" + i), "x", "y"));
        }
        assertThat(findings.problems()).hasSize(Findings.MAX_LISTED);
        assertThat(findings.unlisted()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void check_goldenRepositoryOfCfsctl_isClean(GoldenRepository golden) throws Exception {
        Path repository = golden.copyTo(temporary.resolve("repository"));
        FsckReport report = Fsck.check(repository, FsckScope.EVERYTHING, CheckProgress.NONE);
        assertThat(report.problems()).isEmpty();
        assertThat(report.streams()).isEqualTo(4);
        assertThat(report.images()).isPositive();
    }

    /** fs-verity as it would be on some files. */
    private static final class SomeVerity implements FsVerity {
        private final Map<Long, Measurement> enabled = new ConcurrentHashMap<>();
        private boolean refuses;

        @Override
        public void enable(OpenFile file, Hash hash, int blockSize) throws LinuxException {
            if (refuses) {
                throw new LinuxException("enable", file.toString(), Errno.EPERM.number());
            }
            try {
                String hex = FsVerityDigester.of(
                                VerityAlgorithm.SHA256_4K, file.inputStream().readAllBytes())
                        .hex();
                enabled.put(file.status().inode(), new Measurement(hash, hex));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Optional<Measurement> measure(OpenFile file) throws LinuxException {
            return Optional.ofNullable(enabled.get(file.status().inode()));
        }
    }

    @Test
    void check_objectWithoutVerityWhereItIsRequired_isFoundAndGivenIt() throws Exception {
        SomeVerity verity = new SomeVerity();
        Path metadata = store.folder().resolve("meta.json");
        try (Stream<Path> objects = Files.walk(store.folder().resolve("objects"))) {
            for (Path object : objects.filter(Files::isRegularFile).toList()) {
                if (!object.equals(store.path(one.own()))) {
                    enable(verity, object);
                }
            }
        }
        assertThat(Fsck.check(store.folder(), FsckScope.EVERYTHING, verity, CheckProgress.NONE)
                        .isClean())
                .isTrue();
        enable(verity, metadata);
        FsckReport report = Fsck.check(store.folder(), FsckScope.EVERYTHING, verity, CheckProgress.NONE);
        assertThat(report.problems()).hasSize(1);
        assertThat(report.problems().getFirst().finding()).isEqualTo(new Finding.UnprotectedObject(one.own()));
        assertThat(report.problems().getFirst().neededBy()).containsExactlyInAnyOrder(of(one));
        store.release();
        verity.refuses = true;
        RepairReport refused = Repair.run(store.folder(), FsckScope.EVERYTHING, verity, () -> {}, CheckProgress.NONE);
        assertThat(refused.dropped()).isEmpty();
        assertThat(refused.after().isClean()).isFalse();
        verity.refuses = false;
        RepairReport repaired = Repair.run(store.folder(), FsckScope.EVERYTHING, verity, () -> {}, CheckProgress.NONE);
        assertThat(repaired.dropped()).isEmpty();
        assertThat(repaired.restored())
                .containsExactly(Path.of("objects", one.own().objectPath()));
        assertThat(repaired.after().isClean()).isTrue();
    }

    @Test
    void check_objectThatTheKernelMeasuresOtherwise_isDamaged() throws Exception {
        SomeVerity verity = new SomeVerity();
        try (OpenFile file = OpenFile.readNoFollow(store.path(one.own()))) {
            verity.enabled.put(file.status().inode(), new FsVerity.Measurement(FsVerity.Hash.SHA256, "ab".repeat(32)));
        }
        FsckReport report = Fsck.check(store.folder(), FsckScope.EVERYTHING, verity, CheckProgress.NONE);
        assertThat(report.problems()).hasSize(1);
        assertThat(report.problems().getFirst().finding().got()).isEqualTo("fs-verity digest " + "ab".repeat(32));
    }

    private static void enable(SomeVerity verity, Path path) throws IOException {
        try (OpenFile file = OpenFile.readNoFollow(path)) {
            verity.enable(file, FsVerity.Hash.SHA256, 4096);
        }
    }

    @Test
    void check_whileTheStoreIsOpen_doesNotWait() throws Exception {
        store.pull("three");
        assertThat(check().isClean()).isTrue();
    }
}
