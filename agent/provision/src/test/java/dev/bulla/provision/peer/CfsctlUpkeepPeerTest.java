package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.check.BrokenStoreException;
import dev.bulla.composefs.check.CheckProgress;
import dev.bulla.composefs.check.Fsck;
import dev.bulla.composefs.check.FsckReport;
import dev.bulla.composefs.check.FsckScope;
import dev.bulla.composefs.check.GarbageCollection;
import dev.bulla.composefs.check.GcReport;
import dev.bulla.composefs.check.Repair;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.provision.mapping.MappingVector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A repository of two images that cfsctl pulled: what it says of it, and of its garbage, and what we say. */
@Tag("peer")
class CfsctlUpkeepPeerTest {
    private static final Pattern REMOVED = Pattern.compile("Objects: (\\d+) removed \\((\\d+) bytes\\)");

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private Path cfsctl = Path.of("set before each test");

    @BeforeEach
    void pull() throws Exception {
        cfsctl = Peers.findOptional("cfsctl", "composefs-rs 0.9.0");
        cfsctl("init", "--insecure", "--algorithm", "fsverity-sha256-12");
        byte[] shared = tar("usr/shared", 30_000);
        image("one", shared, tar("usr/one", 5_000));
        image("two", shared, tar("usr/two", 70));
    }

    private void image(String name, byte[]... layers) throws Exception {
        Path layout = folder.resolve("layout-" + name);
        assertThat(new MappingVector(name, List.of(layers), Map.of()).write(layout, "v"))
                .isNotNull();
        cfsctl("oci", "pull", "oci:" + layout + ":v", name);
    }

    private static byte[] tar(String name, int size) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.putArchiveEntry(new TarArchiveEntry("usr/"));
            tar.closeArchiveEntry();
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(size);
            tar.putArchiveEntry(entry);
            byte[] content = new byte[size];
            Arrays.fill(content, name.getBytes(StandardCharsets.US_ASCII)[4]);
            tar.write(content);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private ProgramRun cfsctl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(cfsctl.toString(), "--repo", repository().toString()));
        command.addAll(Arrays.asList(arguments));
        return ProgramRun.of(folder, Map.of(), command).succeeded();
    }

    private JsonCursor.Members theirCheck() throws Exception {
        return JsonCursor.parse(cfsctl("fsck", "--json").out().strip()).object();
    }

    private FsckReport ourCheck() throws IOException {
        return Fsck.check(repository(), FsckScope.EVERYTHING, CheckProgress.NONE);
    }

    private GcReport collect(boolean dryRun) throws IOException {
        try (GarbageCollection collection = GarbageCollection.open(repository(), dryRun, () -> {}, CheckProgress.NONE)
                .orElseThrow()) {
            return collection.collect(Set.of(), Set.of());
        }
    }

    private void assertBothSayTheSameOfGarbage() throws Exception {
        Matcher theirs = REMOVED.matcher(cfsctl("gc", "--dry-run").out());
        assertThat(theirs.find()).isTrue();
        GcReport ours = collect(true);
        assertThat(ours.objects()).isEqualTo(Long.parseLong(theirs.group(1)));
        assertThat(ours.bytes()).isEqualTo(Long.parseLong(theirs.group(2)));
    }

    private void assertBothSayClean() throws Exception {
        assertThat(theirCheck().required("ok").bool()).isTrue();
        assertThat(ourCheck().problems()).isEmpty();
    }

    private Path stream(String kind) throws IOException {
        try (Stream<Path> links = Files.list(repository().resolve("streams"))) {
            return links.filter(link -> link.getFileName().toString().startsWith(kind))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Path image() throws IOException {
        try (Stream<Path> links = Files.list(repository().resolve("images"))) {
            return links.filter(Files::isSymbolicLink).sorted().findFirst().orElseThrow();
        }
    }

    private Path object(long size) throws IOException {
        try (Stream<Path> files = Files.walk(repository().resolve("objects"))) {
            return files.filter(file -> file.toFile().length() == size && Files.isRegularFile(file))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void check_cleanRepository_countsAreTheSame() throws Exception {
        JsonCursor.Members theirs = theirCheck();
        FsckReport ours = ourCheck();
        assertBothSayClean();
        assertThat(ours.objects()).isEqualTo(theirs.required("objects_checked").integer(1, 1000));
        assertThat(ours.streams()).isEqualTo(theirs.required("streams_checked").integer(1, 1000));
        assertThat(ours.images()).isEqualTo(theirs.required("images_checked").integer(1, 1000));
        assertThat(ours.metadata()).isEqualTo(FsckReport.MetadataState.FINE);
    }

    /** What may be done to a repository. */
    private enum Damage {
        FILE_FLIPPED,
        FILE_GONE,
        IMAGE_FLIPPED,
        IMAGE_GONE,
        STREAM_FLIPPED,
        STREAM_GONE,
        IMAGE_NO_LINK,
        STREAM_NO_LINK,
        TAG_OF_NOTHING,
        TAG_NO_LINK,
        OBJECT_OF_NO_NAME
    }

    private void damage(Damage damage) throws IOException {
        Path tags = repository().resolve("streams/refs/oci");
        switch (damage) {
            case FILE_FLIPPED -> flip(object(5_000));
            case FILE_GONE -> Files.delete(object(5_000));
            case IMAGE_FLIPPED -> flip(image().toRealPath());
            case IMAGE_GONE -> Files.delete(image().toRealPath());
            case STREAM_FLIPPED -> flip(stream("oci-layer-").toRealPath());
            case STREAM_GONE -> Files.delete(stream("oci-config-").toRealPath());
            case IMAGE_NO_LINK -> replace(image());
            case STREAM_NO_LINK -> replace(stream("oci-manifest-"));
            case TAG_OF_NOTHING -> Files.createSymbolicLink(tags.resolve("gone"), Path.of("../../nothing"));
            case TAG_NO_LINK -> Files.writeString(tags.resolve("file"), "x");
            case OBJECT_OF_NO_NAME -> Files.writeString(object(5_000).resolveSibling("name"), "x");
        }
    }

    private static void replace(Path link) throws IOException {
        byte[] content = Files.readAllBytes(link);
        Files.delete(link);
        Files.write(link, content);
    }

    @ParameterizedTest
    @EnumSource
    void check_brokenRepository_bothSaySoAndARepairSatisfiesBoth(Damage damage) throws Exception {
        damage(damage);
        assertThat(theirCheck().required("ok").bool()).isFalse();
        assertThat(ourCheck().isClean()).isFalse();
        assertThat(Repair.run(repository(), FsckScope.EVERYTHING, () -> {}, CheckProgress.NONE)
                        .after()
                        .isClean())
                .isTrue();
        assertBothSayClean();
        assertBothSayTheSameOfGarbage();
    }

    @Test
    void collect_step_afterStep_isAsTheyWould() throws Exception {
        assertBothSayTheSameOfGarbage();
        collect(false);
        assertBothSayClean();
        cfsctl("oci", "untag", "one");
        assertBothSayTheSameOfGarbage();
        assertThat(collect(false).objects()).isPositive();
        assertBothSayClean();
        assertBothSayTheSameOfGarbage();
        assertThat(cfsctl("oci", "images", "--json").out()).contains("\"two\"").doesNotContain("\"one\"");
        cfsctl("oci", "untag", "two");
        assertBothSayTheSameOfGarbage();
        collect(false);
        assertBothSayClean();
        try (Stream<Path> files = Files.walk(repository())) {
            assertThat(files.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)))
                    .containsExactly(repository().resolve("meta.json"));
        }
    }

    @Test
    void collect_streamThatCannotBeRead_isRefused() throws Exception {
        Path manifest = stream("oci-manifest-");
        Files.delete(manifest);
        Files.createSymbolicLink(manifest, Path.of("..").resolve(repository().relativize(object(5_000))));
        assertThatThrownBy(() -> collect(false)).isInstanceOf(BrokenStoreException.class);
    }
}
