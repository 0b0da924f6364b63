package dev.bulla.guest.layer;

import static dev.bulla.guest.layer.GzipMembersTest.gzip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerUnpackerTest {
    private static final String SEGMENT = "s".repeat(31) + "/";

    @TempDir
    private Path folder;

    private ObjectStore store;
    private Staging staging;

    @BeforeEach
    void open() throws IOException {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "pull");
    }

    @AfterEach
    void close() throws IOException {
        staging.close();
        store.close();
    }

    private UnpackedLayer unpack(TarBuilder tar) throws IOException {
        return unpack(tar, LayerLimits.DEFAULTS);
    }

    private UnpackedLayer unpack(TarBuilder tar, LayerLimits limits) throws IOException {
        byte[] bytes = tar.end().bytes();
        return unpacker(limits)
                .unpack(new ByteArrayInputStream(bytes), Compression.NONE, Digest.Algorithm.SHA256.of(bytes));
    }

    private LayerUnpacker unpacker(LayerLimits limits) {
        return new LayerUnpacker(store, staging.folder(), limits);
    }

    private LayerEntry only(TarBuilder tar) throws IOException {
        List<LayerEntry> entries = unpack(tar).tree().entries();
        assertThat(entries).hasSize(1);
        return entries.getFirst();
    }

    private Leaf leaf(TarBuilder tar) throws IOException {
        return ((LayerEntry.OfLeaf) only(tar)).leaf();
    }

    private List<Path> staged() throws IOException {
        try (Stream<Path> files = Files.list(staging.folder())) {
            return files.toList();
        }
    }

    private void assertRefused(TarBuilder tar, String problem) throws IOException {
        assertThatExceptionOfType(EntryRefusedException.class)
                .isThrownBy(() -> unpack(tar))
                .withMessageStartingWith("layer entry \"")
                .withMessageContaining(problem);
        assertThat(staged()).isEmpty();
    }

    private void assertOver(LayerLimit limit, long allowed, TarBuilder atLimit, TarBuilder over) throws IOException {
        LayerLimits limits = LayerLimits.DEFAULTS.with(limit, allowed);
        unpack(atLimit, limits).close();
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> unpack(over, limits))
                .withMessageContaining("at most " + allowed + " allowed (limit " + limit.id() + ")")
                .satisfies(e -> assertThat(e.limit()).isEqualTo(limit));
        assertThat(staged()).isEmpty();
    }

    private static TarBuilder tar() {
        return new TarBuilder();
    }

    private static byte[] content(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    private static ByteString bytes(String text) {
        return ByteString.utf8(text);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void unpack_everyCompression_givesTheSame(Compression compression) throws IOException {
        byte[] tar = tar().directory("./")
                .file("./a", "alpha")
                .file("large", content(100_000))
                .end()
                .bytes();
        byte[] layer = switch (compression) {
            case NONE -> tar;
            case GZIP -> gzip(tar);
            case ZSTD -> Zstd.compress(tar);
        };
        Digest diffId = Digest.Algorithm.SHA256.of(tar);
        try (UnpackedLayer unpacked =
                unpacker(LayerLimits.DEFAULTS).unpack(new ByteArrayInputStream(layer), compression, diffId)) {
            assertThat(unpacked.diffId()).isEqualTo(diffId);
            assertThat(unpacked.tree().entries())
                    .extracting(entry -> entry.path().toString())
                    .containsExactly("", "a", "large");
            assertThat(unpacked.stats().compressedBytes()).isEqualTo(layer.length);
            assertThat(unpacked.stats().uncompressedBytes()).isEqualTo(tar.length);
        }
    }

    @Test
    void unpack_sha512DiffId_isChecked() throws IOException {
        byte[] tar = tar().file("a", "b").end().bytes();
        Digest diffId = Digest.Algorithm.SHA512.of(tar);
        assertThat(unpacker(LayerLimits.DEFAULTS)
                        .unpack(new ByteArrayInputStream(tar), Compression.NONE, diffId)
                        .diffId())
                .isEqualTo(diffId);
    }

    @Test
    void unpack_otherDiffId_isRefusedAndLeavesNothing() throws IOException {
        byte[] tar = tar().file("large", content(1000)).end().bytes();
        Digest other = Digest.Algorithm.SHA256.of(new byte[0]);
        assertThatExceptionOfType(DiffIdMismatchException.class)
                .isThrownBy(() ->
                        unpacker(LayerLimits.DEFAULTS).unpack(new ByteArrayInputStream(tar), Compression.NONE, other))
                .withMessageContaining(other.toString())
                .withMessageContaining(Digest.Algorithm.SHA256.of(tar).toString());
        assertThat(staged()).isEmpty();
    }

    @Test
    void unpack_emptyLayer_isAnEmptyTree() throws IOException {
        assertThat(unpack(tar()).tree().entries()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void unpack_streamThatFailsAtItsEnd_isRefusedAndLeavesNothing(Compression compression) throws IOException {
        byte[] tar = tar().file("large", content(1000)).end().bytes();
        byte[] layer = switch (compression) {
            case NONE -> tar;
            case GZIP -> gzip(tar);
            case ZSTD -> Zstd.compress(tar);
        };
        InputStream failing = new FilterInputStream(new ByteArrayInputStream(layer)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int read = super.read(target, offset, length);
                if (read < 0) {
                    throw new IOException("the HMAC disagrees");
                }
                return read;
            }
        };
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() ->
                        unpacker(LayerLimits.DEFAULTS).unpack(failing, compression, Digest.Algorithm.SHA256.of(tar)))
                .withMessage("the HMAC disagrees");
        assertThat(staged()).isEmpty();
    }

    @Test
    void unpack_archiveThatBreaksLater_leavesNothing() throws IOException {
        TarBuilder tar = tar().file("large", content(1000)).entry(RawHeader.of('S', "sparse"));
        assertThatExceptionOfType(ArchiveFormatException.class).isThrownBy(() -> unpack(tar));
        assertThat(staged()).isEmpty();
    }

    @Test
    void content_bySize_isEmptyInlineOrStaged() throws IOException {
        assertThat(((RegularFile) leaf(tar().file("f", ""))).content()).isEqualTo(new FileContent.Empty());
        assertThat(((RegularFile) leaf(tar().file("f", content(1)))).content())
                .isEqualTo(new FileContent.Inline(content(1)));
        assertThat(((RegularFile) leaf(tar().file("f", content(64)))).content())
                .isEqualTo(new FileContent.Inline(content(64)));
        assertThat(((RegularFile) leaf(tar().file("f", content(65)))).content())
                .isEqualTo(FileContent.External.of(65, FsVerityDigester.of(VerityAlgorithm.SHA256_4K, content(65))));
    }

    @Test
    void publish_largeFiles_areObjectsWithTheirBytes() throws IOException {
        byte[] large = content(700_001);
        UnpackedLayer layer =
                unpack(tar().file("a", content(65)).file("b", large).file("c", large));
        assertThat(layer.objects()).hasSize(2);
        assertThat(staged()).hasSize(2);
        assertThat(layer.stats().objects()).isEqualTo(2);
        assertThat(layer.stats().objectBytes()).isEqualTo(700_066);
        layer.publish();
        assertThat(staged()).isEmpty();
        assertThat(store.path(FsVerityDigester.of(VerityAlgorithm.SHA256_4K, large)))
                .hasBinaryContent(large);
        assertThat(layer.objects()).isEmpty();
        layer.close();
        assertThat(store.path(FsVerityDigester.of(VerityAlgorithm.SHA256_4K, large)))
                .exists();
    }

    @Test
    void close_withoutPublishing_deletesWhatWasStaged() throws IOException {
        UnpackedLayer layer = unpack(tar().file("a", content(65)));
        assertThat(staged()).hasSize(1);
        layer.close();
        assertThat(staged()).isEmpty();
    }

    @Test
    void stats_everyKind_isCounted() throws IOException {
        LayerStats stats = unpack(tar().directory("d/")
                        .file("f", content(100))
                        .file("g", content(100))
                        .entry(RawHeader.of('0', "setuid").mode(04755))
                        .entry(RawHeader.of('0', "setgid").mode(02755))
                        .pax(
                                "SCHILY.xattr.security.capability=c",
                                "SCHILY.xattr.trusted.overlay.opaque=y",
                                "SCHILY.xattr.user.overlay.whiteout=y",
                                "SCHILY.xattr.security.selinux=s",
                                "SCHILY.xattr.user.kept=k",
                                "SCHILY.fflags=nodump")
                        .file("capable", "")
                        .symlink("s", "f")
                        .link("h", "f")
                        .entry(RawHeader.of('3', "null").device(1, 3))
                        .entry(RawHeader.of('4', "sda").device(8, 0))
                        .entry(RawHeader.of('6', "fifo"))
                        .file(".wh.gone", "")
                        .file("d/.wh..wh..opq", ""))
                .stats();
        assertThat(stats).isEqualTo(new LayerStats(13, 5, 1, 1, 1, 2, 1, 2, 2, 1, 3, 1, 9728, 9728, 1, 100));
    }

    @Test
    void metadata_ofAnEntry_isKept() throws IOException {
        Leaf leaf = leaf(tar().pax("mtime=-1.5", "SCHILY.xattr.user.a=1", "SCHILY.xattr.trusted.b=2", "uid=4294967295")
                .entry(RawHeader.of('0', "f").mode(06711).owner(1, 2)));
        assertThat(leaf.metadata().permissions()).isEqualTo(06711);
        assertThat(leaf.metadata().uid()).isEqualTo(0xffff_ffffL);
        assertThat(leaf.metadata().gid()).isEqualTo(2);
        assertThat(leaf.metadata().mtime().seconds()).isEqualTo(-2);
        assertThat(leaf.metadata().mtime().nanos()).isEqualTo(500_000_000);
        assertThat(leaf.metadata().xattrs()).containsOnlyKeys(bytes("user.a"));
    }

    @Test
    void symlink_permissions_areTheArchivesInItsLayerAndLinuxsInTheFaithfulTree() throws IOException {
        Leaf link = leaf(tar().entry(RawHeader.of('2', "s").mode(0600).link("t")));
        assertThat(link.metadata().permissions()).isEqualTo(0600);

        LayerTree layer = new LayerTree(List.of(new LayerEntry.OfLeaf(bytes("s"), link)));
        Leaf merged = (Leaf) LayerMerge.merge(List.of(layer), LayerLimits.DEFAULTS)
                .get(bytes("s"))
                .orElseThrow();
        assertThat(merged.metadata().permissions()).isEqualTo(0777);
    }

    @Test
    void device_numbers_areEncodedAsStatGivesThem() throws IOException {
        DeviceNode device = (DeviceNode) leaf(tar().entry(RawHeader.of('4', "d").device(0xabc, 0x12345)));
        assertThat(device.rdev()).isEqualTo(0x123a_bc45L);
        assertThat(((DeviceNode) leaf(tar().entry(RawHeader.of('4', "d").device(0, 0)))).rdev())
                .isZero();
        assertThat(((DeviceNode) leaf(tar().entry(RawHeader.of('3', "d").device(0xfff, 0xfffff)))).rdev())
                .isEqualTo(0xffff_ffffL);
    }

    @Test
    void device_beyondTheKernels_isRefused() throws IOException {
        assertRefused(tar().entry(RawHeader.of('3', "d").device(0x1000, 0)), "device 4096:0");
        assertRefused(tar().entry(RawHeader.of('3', "d").device(0, 0x100000)), "device 0:1048576");
    }

    @Test
    void device_characterZero_isRefused() throws IOException {
        assertRefused(tar().entry(RawHeader.of('3', "dev/w").device(0, 0)), "\"dev/w\": character device 0:0");
    }

    @ParameterizedTest
    @CsvSource({
        "a/b,a/b",
        "./a/b,a/b",
        "/a/b,a/b",
        "//a//./b/.,a/b",
        "a/b/,a/b",
        "./,''",
        "/,''",
        ".,''",
        "..a/b..,..a/b.."
    })
    void name_spellings_areOnePath(String name, String path) throws IOException {
        assertThat(only(tar().directory(name)).path()).isEqualTo(bytes(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../a", "a/..", "a/../b", "/../etc/passwd", "./../a", "a/../../b"})
    void name_withDotDot_isRefused(String name) throws IOException {
        assertRefused(tar().directory(name), "name with \"..\"");
    }

    @Test
    void name_ofTheRoot_isADirectorys() throws IOException {
        assertRefused(tar().file(".", "x"), "the root as a regular file");
        assertRefused(tar().symlink(".", "x"), "the root as a symbolic link");
        assertRefused(tar().link("/.", "x"), "the root as a hard link");
    }

    @Test
    void link_targets_areRelativeToTheRoot() throws IOException {
        assertThat(((LayerEntry.OfLink) only(tar().link("l", "/./a//b"))).target())
                .isEqualTo(bytes("a/b"));
        assertRefused(tar().link("l", "../etc/shadow"), "hard link's target with \"..\"");
        assertRefused(tar().link("l", "a/../b"), "hard link's target with \"..\"");
        assertRefused(tar().link("l", ""), "hard link without a target");
    }

    @Test
    void symlink_target_isKeptAsItIs() throws IOException {
        assertThat(((Symlink) leaf(tar().symlink("s", "../../outside"))).target())
                .isEqualTo(bytes("../../outside"));
        assertRefused(tar().symlink("s", ""), "target of 0 bytes");
        assertThat(leaf(tar().pax("linkpath=" + "t".repeat(4095)).symlink("s", "")))
                .isNotNull();
        assertRefused(tar().pax("linkpath=" + "t".repeat(4096)).symlink("s", ""), "target of 4096 bytes");
    }

    @Test
    void whiteouts_ofNamesAndFolders_areRead() throws IOException {
        assertThat(only(tar().file("a/.wh.b", ""))).isEqualTo(new LayerEntry.Whiteout(bytes("a/b")));
        assertThat(only(tar().file(".wh.b", ""))).isEqualTo(new LayerEntry.Whiteout(bytes("b")));
        assertThat(only(tar().file("a/.wh..wh..opq", ""))).isEqualTo(new LayerEntry.Opaque(bytes("a")));
        assertThat(only(tar().file("./.wh..wh..opq", ""))).isEqualTo(new LayerEntry.Opaque(bytes("")));
        assertThat(only(tar().file(".wh...a", ""))).isEqualTo(new LayerEntry.Whiteout(bytes("..a")));
        assertThat(only(tar().link(".wh.b", ".wh.a"))).isEqualTo(new LayerEntry.Whiteout(bytes("b")));
        assertThat(only(tar().file("a.wh.b", ""))).isInstanceOf(LayerEntry.OfLeaf.class);
    }

    @ParameterizedTest
    @CsvSource({
        "a/.wh., 'whiteout of \"\"'",
        ".wh.., 'whiteout of \".\"'",
        ".wh..., 'whiteout of \"..\"'",
        ".wh..wh.plnk, AUFS",
        ".wh..wh.aufs, AUFS",
        ".wh..wh..opq2, AUFS",
        ".wh.a/b, below the whiteout",
        "a/.wh..wh..opq/b, below the whiteout",
    })
    void whiteouts_tricks_areRefused(String name, String problem) throws IOException {
        assertRefused(tar().file(name, ""), problem);
    }

    @Test
    void whiteouts_thatAreMoreThanAName_areRefused() throws IOException {
        assertRefused(tar().file(".wh.a", "x"), "regular file of 1 bytes");
        assertRefused(tar().directory(".wh.a"), "directory");
        assertRefused(tar().directory(".wh.a/"), "directory");
        assertRefused(tar().symlink(".wh..wh..opq", "x"), "symbolic link");
        assertRefused(tar().entry(RawHeader.of('3', ".wh.a").device(1, 3)), "character device");
    }

    @Test
    void limits_entriesOfALayer_atAndOver() throws IOException {
        assertOver(
                LayerLimit.LAYER_ENTRIES,
                2,
                tar().file("a", "").file("b", ""),
                tar().file("a", "").file("b", "").file(".wh.c", ""));
    }

    @Test
    void limits_entriesOfAnImage_countForAllLayers() throws IOException {
        LayerUnpacker unpacker = unpacker(LayerLimits.DEFAULTS.with(LayerLimit.IMAGE_ENTRIES, 3));
        byte[] layer = tar().file("a", "").file("b", "").end().bytes();
        Digest diffId = Digest.Algorithm.SHA256.of(layer);
        unpacker.unpack(new ByteArrayInputStream(layer), Compression.NONE, diffId)
                .close();
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> unpacker.unpack(new ByteArrayInputStream(layer), Compression.NONE, diffId))
                .withMessageContaining("image-entries");
    }

    @Test
    void limits_names_atAndOver() throws IOException {
        String name = "n".repeat(99) + "/" + "m".repeat(99);
        assertOver(
                LayerLimit.NAME_BYTES,
                99,
                tar().pax("path=" + name).file("x", ""),
                tar().pax("path=" + name + "m").file("x", ""));
        assertOver(
                LayerLimit.NAME_BYTES,
                255,
                tar().longName("n".repeat(255)).file("x", ""),
                tar().longName("n".repeat(256)).file("x", ""));
        assertOver(
                LayerLimit.PATH_BYTES,
                4096,
                tar().longName(SEGMENT.repeat(128).substring(1) + "x").file("x", ""),
                tar().longName(SEGMENT.repeat(128) + "x").file("x", ""));
        assertOver(
                LayerLimit.PATH_BYTES,
                4096,
                tar().longLink(SEGMENT.repeat(128).substring(1) + "x").link("x", ""),
                tar().longLink(SEGMENT.repeat(128) + "x").link("x", ""));
    }

    @Test
    void limits_depth_atAndOver() throws IOException {
        assertOver(LayerLimit.DEPTH, 3, tar().directory("a/b/c"), tar().directory("a/b/c/d"));
    }

    @Test
    void limits_xattrsOfAnInode_atAndOver() throws IOException {
        String fits = "SCHILY.xattr.user.a=" + "v".repeat(32_000 - 7 - 6);
        assertOver(
                LayerLimit.XATTR_BYTES,
                32_000,
                tar().pax(fits).file("x", ""),
                tar().pax(fits + "v").file("x", ""));
        assertThat(only(tar().pax("SCHILY.xattr.trusted.a=" + "v".repeat(70_000))
                        .file("x", "")))
                .isNotNull();
    }

    @Test
    void limits_memoryOfTrees_atAndOver() throws IOException {
        int entry = LayerBudget.ENTRY_BYTES;
        assertOver(LayerLimit.TREE_BYTES, entry + 10, tar().file("a", content(9)), tar().file("a", content(10)));
        assertOver(
                LayerLimit.TREE_BYTES,
                entry + 10,
                tar().symlink("a", "t".repeat(9)),
                tar().symlink("a", "t".repeat(10)));
        assertOver(
                LayerLimit.TREE_BYTES,
                entry + LayerBudget.XATTR_BYTES + 20,
                tar().pax("SCHILY.xattr.user.a=123456").file("x", ""),
                tar().pax("SCHILY.xattr.user.a=1234567").file("x", ""));
        assertOver(
                LayerLimit.TREE_BYTES,
                entry + LayerBudget.OBJECT_BYTES + 1,
                tar().file("a", content(65)),
                tar().file("ab", content(65)));
    }

    @Test
    void limits_forAHeap_leaveRoom() {
        assertThat(LayerLimits.forHeap(64 << 20).get(LayerLimit.TREE_BYTES)).isEqualTo(40 << 20);
        assertThat(LayerLimits.forHeap(Long.MAX_VALUE).get(LayerLimit.TREE_BYTES))
                .isEqualTo(LayerLimit.TREE_BYTES.standard());
    }

    @Test
    void limits_paxRecords_atAndOver() throws IOException {
        assertOver(
                LayerLimit.HEADER_RECORDS,
                2,
                tar().pax("a=1", "b=2").file("x", ""),
                tar().pax("a=1", "b=2", "c=3").file("x", ""));
    }

    @Test
    void limits_bytesOfALayer_atAndOver() throws IOException {
        assertOver(LayerLimit.LAYER_BYTES, 2048, tar().file("a", content(512)), tar().file("a", content(513)));
        assertOver(
                LayerLimit.LAYER_BYTES,
                4096,
                tar().file("a", content(512)),
                tar().entry(RawHeader.of('0', "a").size(4097)));
    }

    @Test
    void limits_bytesOfAnImage_countForAllLayers() throws IOException {
        byte[] layer = tar().file("a", content(512)).end().bytes();
        Digest diffId = Digest.Algorithm.SHA256.of(layer);
        LayerUnpacker fits = unpacker(LayerLimits.DEFAULTS.with(LayerLimit.IMAGE_BYTES, 4096));
        LayerUnpacker over = unpacker(LayerLimits.DEFAULTS.with(LayerLimit.IMAGE_BYTES, 4095));
        for (LayerUnpacker unpacker : List.of(fits, over)) {
            unpacker.unpack(new ByteArrayInputStream(layer), Compression.NONE, diffId)
                    .close();
        }
        fits.unpack(new ByteArrayInputStream(layer), Compression.NONE, diffId).close();
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> over.unpack(new ByteArrayInputStream(layer), Compression.NONE, diffId))
                .withMessageContaining("image-bytes");
    }

    @Test
    void limits_expansion_countsOnlyForLargeLayers() throws IOException {
        byte[] tar = tar().file("zeros", new byte[1_000_000]).end().bytes();
        byte[] layer = gzip(tar);
        Digest diffId = Digest.Algorithm.SHA256.of(tar);
        long ratio = tar.length / layer.length;
        LayerLimits small = LayerLimits.DEFAULTS.with(LayerLimit.EXPANSION_FREE_BYTES, 500_000);
        unpacker(small.with(LayerLimit.EXPANSION_RATIO, ratio + 1))
                .unpack(new ByteArrayInputStream(layer), Compression.GZIP, diffId)
                .close();
        unpacker(LayerLimits.DEFAULTS.with(LayerLimit.EXPANSION_RATIO, 1))
                .unpack(new ByteArrayInputStream(layer), Compression.GZIP, diffId)
                .close();
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> unpacker(small.with(LayerLimit.EXPANSION_RATIO, ratio))
                        .unpack(new ByteArrayInputStream(layer), Compression.GZIP, diffId))
                .withMessageContaining("expansion-ratio");
        assertThat(staged()).isEmpty();
    }

    @Test
    void limits_values_areChecked() {
        for (LayerLimit limit : LayerLimit.values()) {
            assertThat(LayerLimits.DEFAULTS.get(limit)).isEqualTo(limit.standard());
            assertThat(LayerLimits.DEFAULTS.with(limit, limit.maximum()).get(limit))
                    .isEqualTo(limit.maximum());
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> LayerLimits.DEFAULTS.with(limit, 0))
                    .withMessageContaining(limit.id());
            if (limit.maximum() < Long.MAX_VALUE) {
                assertThatExceptionOfType(IllegalArgumentException.class)
                        .isThrownBy(() -> LayerLimits.DEFAULTS.with(limit, limit.maximum() + 1));
            }
        }
    }

    @Test
    void message_ofAForeignName_isOneLine() {
        assertThatExceptionOfType(EntryRefusedException.class)
                .isThrownBy(() -> unpack(tar().directory("a\n\u001b[31m/..")))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").doesNotContain("\u001b"));
    }
}
