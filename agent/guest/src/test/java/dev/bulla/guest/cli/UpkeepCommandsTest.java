package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.guest.InMemory;
import dev.bulla.guest.TestLayout;
import dev.bulla.guest.layer.XattrSelection;
import dev.bulla.guest.store.AuthenticatedRecords;
import dev.bulla.guest.store.ImageIdentity;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.guest.store.StoreUpkeep;
import dev.bulla.guest.store.VouchedImage;
import dev.bulla.linux.SpecialFiles;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checking, collecting and naming by the command line, in a store of two pulled images that share a layer. */
@Isolated("it looks at the process's own output")
class UpkeepCommandsTest {
    private static final String ACCEPT_PLAIN = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";

    @TempDir(factory = InMemory.class)
    Path folder;

    private Path store;
    private TestLayout layout;
    private String one;
    private String two;

    @BeforeEach
    void pull() throws Exception {
        store = folder.resolve("store");
        layout = new TestLayout(folder.toRealPath().resolve("layout"));
        TestLayout.Layer shared = layout.layer("shared", "S".repeat(5000));
        layout.image("one", List.of(shared, layout.layer("a", "A".repeat(3000))));
        layout.image("two", List.of(shared, layout.layer("b", "B".repeat(4000))));
        one = pull("one");
        two = pull("two");
    }

    /** The digest of the image. */
    private String pull(String tag) throws Exception {
        Path policy = Files.writeString(folder.resolve("policy.json"), ACCEPT_PLAIN);
        CommandRun run =
                run("pull", name(tag), "--policy", policy.toString(), "--output", "json", "--progress", "none");
        assertThat(run.code()).as(run.err()).isZero();
        return json(run).required("composefs").object().required("digest").string();
    }

    private String name(String tag) {
        return "oci:" + layout.folder() + ":" + tag;
    }

    private CommandRun run(String command, String... more) {
        List<String> args = new ArrayList<>(List.of(command, "--store", store.toString()));
        args.addAll(Arrays.asList(more));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private CommandRun done(String command, String... more) {
        CommandRun run = run(command, more);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private void assertRefused(ExitCode code, CommandRun run, String... words) {
        assertThat(run.code()).as(run.err()).isEqualTo(code.code());
        assertThat(run.err()).matches("bulla: .*\\n");
        assertThat(Arrays.asList(words))
                .allSatisfy(word -> assertThat(run.err()).contains(word));
    }

    private static JsonCursor.Members json(CommandRun run) throws Exception {
        return JsonCursor.parse(run.out().strip()).object();
    }

    private static long number(JsonCursor.Members json, String... path) throws Exception {
        JsonCursor.Members at = json;
        for (int i = 0; i < path.length - 1; i++) {
            at = at.required(path[i]).object();
        }
        return at.required(path[path.length - 1]).integer(0, Long.MAX_VALUE);
    }

    /** The object with this many bytes. */
    private Path object(int size) throws IOException {
        try (Stream<Path> files = Files.walk(store.resolve("objects"))) {
            return files.filter(
                            file -> Files.isRegularFile(file) && file.toFile().length() == size)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void damage(int size) throws IOException {
        Path object = object(size);
        Files.delete(object);
        Files.write(object, new byte[size]);
    }

    @Test
    void fsck_afterPulls_isCleanInTextAndJson() throws Exception {
        assertThat(done("fsck").out()).contains("clean").doesNotContain("needed by");
        JsonCursor.Members json = json(done("fsck", "--json"));
        assertThat(json.required("clean").bool()).isTrue();
        assertThat(json.required("metadata").string()).isEqualTo("fine");
        assertThat(number(json, "images")).isEqualTo(2);
        assertThat(number(json, "objects")).isGreaterThanOrEqualTo(5);
        assertThat(json.required("problems").array()).isEmpty();
        assertThat(done("fsck", "--metadata-only", "--output", "json").out()).contains("\"objectBytes\":0");
    }

    @Test
    void fsck_ofNoStore_isClean() {
        store = folder.resolve("none");
        assertThat(done("fsck").out()).contains("clean");
        assertThat(done("fsck", "--repair").out()).contains("clean");
        assertThat(store).doesNotExist();
    }

    @Test
    void fsck_ofAFile_cannotBeRead() throws Exception {
        store = Files.createFile(folder.resolve("file"));
        assertRefused(ExitCode.STORE, run("fsck"), "expected a directory");
    }

    @Test
    void fsck_damagedObject_namesItAndTheImageAndWhatToDo() throws Exception {
        damage(3000);
        CommandRun run = run("fsck");
        assertRefused(ExitCode.CONTENT, run, "1 thing is broken", "bulla fsck --repair --store " + store);
        assertThat(run.out())
                .contains("damaged-object", "needed by", "images/" + one, name("one"))
                .doesNotContain(two, name("two"));
        JsonCursor.Members json = json(run("fsck", "--json"));
        assertThat(json.required("clean").bool()).isFalse();
        JsonCursor.Members problem =
                json.required("problems").array().getFirst().object();
        assertThat(problem.required("kind").string()).isEqualTo("damaged-object");
        assertThat(problem.required("neededBy").strings()).contains("images/" + one);
        assertThat(done("fsck", "--metadata-only").out()).contains("clean");
    }

    @Test
    void fsckRepair_damagedObject_dropsSaysWhatToPullAndAPullRestores() throws Exception {
        damage(3000);
        CommandRun run = done("fsck", "--repair");
        assertThat(run.out())
                .contains("dropped", "images/" + one, "bulla pull " + name("one"), "repaired, and clean now")
                .doesNotContain("bulla pull " + name("two"));
        assertThat(done("images").out()).contains(two).doesNotContain(one);
        assertThat(done("fsck").out()).contains("clean");
        assertThat(pull("one")).isEqualTo(one);
        assertThat(done("images").out()).contains(one, two);
        assertThat(done("fsck").out()).contains("clean");
    }

    @Test
    void fsckRepair_inJson_saysWhatWasDropped() throws Exception {
        damage(5000);
        JsonCursor.Members repair =
                json(done("fsck", "--repair", "--json")).required("repair").object();
        assertThat(repair.required("clean").bool()).isTrue();
        assertThat(repair.required("pullAgain").strings()).containsExactly(name("one"), name("two"));
        assertThat(repair.required("dropped").strings()).contains("images/" + one, "images/" + two);
    }

    @Test
    void fsck_brokenRecord_isFoundAndDropped() throws Exception {
        Path record = Files.writeString(store.resolve("records").resolve("0".repeat(64) + ".json"), "{");
        assertRefused(ExitCode.CONTENT, run("fsck"), "1 thing is broken");
        assertThat(run("fsck").out()).contains("malformed-document", "records/" + record.getFileName());
        CommandRun repair = done("fsck", "--repair");
        assertThat(repair.out()).contains("dropped", record.getFileName().toString(), "clean now");
        assertThat(record).doesNotExist();
        assertThat(done("images").out()).contains(one, two);
    }

    @Test
    @Timeout(30)
    void fsck_fifoForARecord_isFoundAndDroppedAndNotWaitedFor() throws Exception {
        Path record = store.resolve("records").resolve("0".repeat(64) + ".json");
        SpecialFiles.fifo(record, 0600);
        assertRefused(ExitCode.CONTENT, run("fsck"), "1 thing is broken");
        done("fsck", "--repair");
        assertThat(record).doesNotExist();
    }

    @Test
    void images_linkForARecord_isNotFollowed() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "sesame");
        Files.createSymbolicLink(store.resolve("records").resolve("0".repeat(64) + ".json"), secret);
        CommandRun run = run("images");
        assertThat(run.code()).isEqualTo(ExitCode.STORE.code());
        assertThat(run.err()).contains("got a symbolic link").doesNotContain("sesame");
        assertRefused(ExitCode.CONTENT, run("gc"), "nothing was deleted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"records", "records/layers", "records/authenticated", "bundles"})
    void everything_linkForAFolderOfOurs_isNotFollowed(String name) throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path policy = Files.writeString(elsewhere.resolve("policy.json"), "{}");
        Path link = store.resolve(name);
        if (Files.exists(link)) {
            Files.move(link, folder.resolve("moved"));
        }
        Files.createSymbolicLink(link, elsewhere);
        Path file = folder.resolve("policy.json");
        assertRefused(
                ExitCode.STORE,
                run("pull", name("one"), "--policy", file.toString(), "--progress", "none"),
                "got a symbolic link, expected a directory");
        assertRefused(ExitCode.CONTENT, run("gc"), "nothing was deleted");
        assertRefused(ExitCode.CONTENT, run("fsck"), "1 thing is broken");
        done("fsck", "--repair");
        assertThat(link).doesNotExist();
        assertThat(elsewhere).isDirectoryContaining(policy::equals);
        try (Stream<Path> files = Files.list(elsewhere)) {
            assertThat(files).containsExactly(policy);
        }
        done("pull", name("one"), "--policy", file.toString(), "--progress", "none");
    }

    @Test
    void fsckRepair_whatCannotBeDropped_isSaid() throws Exception {
        Files.delete(store.resolve("meta.json"));
        Files.writeString(store.resolve("meta.json"), "{}");
        CommandRun run = run("fsck", "--repair");
        assertRefused(ExitCode.CONTENT, run, "cannot be repaired by dropping");
        assertThat(run.out()).contains("meta.json");
    }

    @Test
    void gc_everythingNamed_deletesNothing() throws Exception {
        JsonCursor.Members json = json(done("gc", "--output", "json"));
        assertThat(number(json, "deleted", "objects")).isZero();
        assertThat(number(json, "kept", "images")).isEqualTo(2);
        assertThat(done("fsck").out()).contains("clean");
    }

    @Test
    void gc_ofNoStore_isNothing() {
        store = folder.resolve("none");
        assertThat(done("gc").out()).contains("nothing");
        assertThat(store).doesNotExist();
    }

    @Test
    void gc_afterUntag_deletesTheImageAndItsRecord() throws Exception {
        assertThat(done("untag", name("one")).out()).contains("bulla gc");
        JsonCursor.Members dry = json(done("gc", "--dry-run", "--output", "json"));
        assertThat(dry.required("dryRun").bool()).isTrue();
        assertThat(number(dry, "deleted", "images")).isEqualTo(1);
        assertThat(store.resolve("images").resolve(one)).exists();
        JsonCursor.Members wet = json(done("gc", "--output", "json"));
        assertThat(wet.required("deleted").value())
                .isEqualTo(dry.required("deleted").value());
        assertThat(number(wet, "deleted", "bytes")).isGreaterThan(3000);
        assertThat(store.resolve("images").resolve(one)).doesNotExist();
        assertThat(done("images").out()).contains(two).doesNotContain(one);
        assertThat(done("fsck").out()).contains("clean");
        assertThat(object(5000)).exists();
    }

    @Test
    void gc_recordOfAnImageThatIsGone_isDeleted() throws Exception {
        try (Stream<Path> links = Files.list(store.resolve("images/refs/oci"))) {
            for (Path link :
                    links.filter(path -> path.toString().endsWith("one")).toList()) {
                Files.delete(link);
            }
        }
        Path tags = store.resolve("streams/refs/oci");
        if (Files.isDirectory(tags)) {
            try (Stream<Path> links = Files.list(tags)) {
                for (Path link :
                        links.filter(path -> path.toString().endsWith("one")).toList()) {
                    Files.delete(link);
                }
            }
        }
        assertThat(done("images").out()).contains(one);
        assertThat(number(json(done("gc", "--output", "json")), "deleted", "records"))
                .isEqualTo(1);
        assertThat(done("images").out()).doesNotContain(one);
    }

    @Test
    void gc_whatIsKeptBesideAnImageThatIsGone_isDeleted() throws Exception {
        Path signatures = Files.createDirectory(store.resolve("signatures"));
        for (String image : List.of(one, two)) {
            Files.createFile(signatures.resolve(image + ".digest"));
            Files.createFile(signatures.resolve(image + ".sig"));
        }
        Path authenticated = store.resolve("records/authenticated");
        try (AuthenticatedRecords records = new AuthenticatedRecords(store, new byte[32], new SecureRandom())) {
            for (String image : List.of(one, two)) {
                records.put(identity(image), new VouchedImage(digest(image), Map.of(), new TreeMap<>()));
            }
        }
        JsonCursor.Members none = json(done("gc", "--output", "json"));
        for (String kind : List.of("signatures", "layerOrigins", "authenticatedRecords")) {
            assertThat(number(none, "deleted", kind)).as(kind).isZero();
        }

        done("untag", name("one"));
        JsonCursor.Members dry = json(done("gc", "--dry-run", "--output", "json"));
        assertThat(signatures).isDirectoryContaining(file -> file.endsWith(one + ".sig"));
        JsonCursor.Members wet = json(done("gc", "--output", "json"));
        assertThat(wet.required("deleted").value())
                .isEqualTo(dry.required("deleted").value());
        assertThat(number(wet, "deleted", "signatures")).isEqualTo(2);
        assertThat(number(wet, "deleted", "layerOrigins")).isEqualTo(1); // the other layer is shared
        assertThat(number(wet, "deleted", "authenticatedRecords")).isEqualTo(1);
        try (Stream<Path> left = Files.list(signatures)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(two + ".digest", two + ".sig");
        }
        assertThat(store.resolve("records/layers").toFile().list()).hasSize(2);
        assertThat(authenticated.toFile().list()).hasSize(1);
    }

    private static VerityDigest digest(String hex) {
        return new VerityDigest(VerityAlgorithm.SHA256_4K, hex);
    }

    private ImageIdentity identity(String image) throws Exception {
        for (JsonCursor record : new ImageRecords(store).all()) {
            if (StoreUpkeep.image(record).equals(image)) {
                return new ImageIdentity(
                        Digest.parse(record.object().required("configDigest").string()),
                        XattrSelection.ALL.mapping(),
                        FormatVersion.V1,
                        VerityAlgorithm.SHA256_4K);
            }
        }
        throw new AssertionError("no record of " + image);
    }

    @Test
    void gc_keep_keepsByDigest() throws Exception {
        done("untag", name("one"));
        done("gc", "--keep", one);
        assertThat(store.resolve("images").resolve(one)).exists();
        assertThat(done("fsck").out()).contains("clean");
        assertRefused(ExitCode.STORE, run("gc", "--keep", "0".repeat(64)), "is not in the store", "bulla tags");
        assertThat(number(json(done("gc", "--output", "json")), "deleted", "images"))
                .isEqualTo(1);
    }

    @Test
    void gc_storeThatCannotBeRead_isRefusedAndDeletesNothing() throws Exception {
        done("untag", name("one"));
        Files.createSymbolicLink(store.resolve("images/refs/oci/loop"), Path.of("loop"));
        assertRefused(ExitCode.CONTENT, run("gc"), "nothing was deleted", "bulla fsck");
        assertThat(store.resolve("images").resolve(one)).exists();
    }

    @Test
    void gc_brokenRecord_isRefusedAndDeletesNothing() throws Exception {
        done("untag", name("one"));
        Files.writeString(store.resolve("records").resolve("0".repeat(64) + ".json"), "{");
        assertRefused(ExitCode.CONTENT, run("gc"), "not a record of a pull", "nothing was deleted", "fsck --repair");
        assertThat(store.resolve("images").resolve(one)).exists();
    }

    @Test
    void tag_image_hasBothNamesAndSurvivesTheFirst() throws Exception {
        assertThat(done("tag", name("one"), "example.com/kept:1").out()).contains("example.com/kept:1", one);
        assertThat(done("tags").out()).contains(name("one"), "example.com/kept:1");
        done("untag", name("one"));
        assertThat(number(json(done("gc", "--output", "json")), "deleted", "images"))
                .isZero();
        assertThat(done("inspect", "example.com/kept:1").out()).contains(one, "\"image\": \"example.com/kept:1\"");
        assertThat(done("images").out()).contains("example.com/kept:1", one).doesNotContain(name("one"));
        assertThat(done("fsck").out()).contains("clean");
    }

    @Test
    void tag_existingName_leadsToTheOtherImage() throws Exception {
        done("tag", one, name("two"));
        JsonCursor.Members json = json(done("tags", "--output", "json"));
        for (JsonCursor tag : json.required("tags").array()) {
            assertThat(tag.object()
                            .required("composefs")
                            .object()
                            .required("digest")
                            .string())
                    .isEqualTo(one);
        }
        assertThat(done("inspect", name("two")).out()).contains(one).doesNotContain(two);
    }

    @Test
    void tag_shortName_isWrittenAsAPullWouldAndFoundAgain() throws Exception {
        String json = done("tag", one, "kept", "--output", "json").out();
        assertThat(json).contains("\"name\":\"docker.io/library/kept:latest\"");
        assertThat(done("untag", "kept").out()).contains("docker.io/library/kept:latest");
        assertRefused(ExitCode.STORE, run("untag", "kept"), "there is no name kept", "bulla tags");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "UPPER", "a b", "oci:", "@x"})
    void tag_nameThatNoPullTakes_isUsage(String name) {
        assertRefused(ExitCode.USAGE, run("tag", one, name));
    }

    @Test
    void tag_unknownImage_saysWhereToLook() {
        assertRefused(ExitCode.STORE, run("tag", "nothing", "kept"), "bulla tags");
        store = folder.resolve("none");
        assertRefused(ExitCode.STORE, run("tag", "nothing", "kept"), "there is no store", "bulla pull");
        assertRefused(ExitCode.STORE, run("untag", "nothing"), "bulla tags");
        assertThat(done("tags", "--output", "json").out()).isEqualTo("{\"tags\":[]}\n");
        assertThat(store).doesNotExist();
    }

    @Test
    void tag_manifestOfAnotherProgram_isListedNamedAndCollected() throws Exception {
        byte[] json = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
        Digest manifest = Digest.Algorithm.SHA256.of(json);
        try (ObjectStore open = ObjectStore.open(store, VerityAlgorithm.SHA256_4K);
                Staging staging = Staging.begin(open.folder(), "other")) {
            OciStreams streams = new OciStreams(open);
            streams.putManifest(staging, manifest, json, new TreeMap<>());
            streams.tag("theirs", manifest);
        }
        assertThat(done("images").out()).contains("theirs");
        assertThat(done("tags").out()).contains("theirs", manifest.toString());
        done("tag", "theirs", "ours");
        done("tag", manifest.toString(), "again");
        done("untag", "theirs");
        assertThat(number(json(done("gc", "--output", "json")), "deleted", "streams"))
                .isZero();
        done("untag", "again");
        done("untag", "ours");
        assertThat(number(json(done("gc", "--output", "json")), "deleted", "streams"))
                .isEqualTo(1);
        assertThat(done("fsck").out()).contains("clean");
    }

    @Test
    void images_pulled_haveTheirSize() throws Exception {
        List<JsonCursor> images =
                json(done("images", "--output", "json")).required("images").array();
        assertThat(images).hasSize(2);
        JsonCursor.Members first = images.getFirst().object();
        assertThat(first.required("image").string()).isEqualTo(name("one"));
        assertThat(number(first, "size", "objects")).isEqualTo(3);
        assertThat(number(first, "size", "bytes")).isGreaterThan(8000);
        assertThat(done("images").out()).contains("V1 faithful", " kB");
    }
}
