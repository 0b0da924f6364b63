package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Images of every format against digests that other programs computed, and what V2 alone refuses. */
class FormatVectorsTest {
    private final Directory root = new Directory(Metadata.ofRoot(0755));

    /** A row: the dump's file, and the digest of each format. */
    record Vector(String file, VerityAlgorithm algorithm, List<String> digests) {
        Directory tree() throws IOException {
            try (InputStream dump = resource(file)) {
                return new DumpReader().read(dump);
            }
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(FormatVectorsTest.class.getResourceAsStream("formats/" + name), name);
    }

    static Stream<Vector> vectors() throws IOException {
        try (InputStream table = resource("digests.tsv")) {
            String text = new String(table.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .skip(1)
                    .map(line -> line.split("\t", -1))
                    .map(row -> new Vector(
                            row[0], VerityAlgorithm.parse(row[1]).orElseThrow(), List.of(row[2], row[3], row[4])));
        }
    }

    private static byte[] image(Directory tree, FormatVersion version) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ErofsImageWriter.write(tree, version, image);
        return image.toByteArray();
    }

    private byte[] v2() throws IOException {
        return image(root, FormatVersion.V2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void image_ofEachFormat_hasTheDigestThatOthersComputed(Vector vector) throws IOException {
        Directory tree = vector.tree();
        for (FormatVersion version : FormatVersion.values()) {
            String expected = vector.digests.get(version.number());
            assertThat(ImageMatch.digest(tree, version, vector.algorithm).hex())
                    .as("%s", version)
                    .isEqualTo(expected);
            byte[] image = image(tree, version);
            assertThat(image(ErofsImageReader.read(image), version)).isEqualTo(image);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void find_digestOfOneFormat_namesThatFormat(Vector vector) throws IOException {
        Directory tree = vector.tree();
        for (FormatVersion version : FormatVersion.values()) {
            VerityDigest digest = new VerityDigest(vector.algorithm, vector.digests.get(version.number()));
            assertThat(ImageMatch.find(tree, digest)).contains(version);
        }
        VerityDigest none = VerityDigest.fromBytes(vector.algorithm, new byte[vector.algorithm.length()]);
        assertThat(ImageMatch.find(tree, none)).isEmpty();
    }

    @Test
    void find_treeThatV2HasNoRoomFor_matchesTheOthers() throws IOException {
        root.put(name("a"), inline(513));
        VerityDigest digest = ImageMatch.digest(root, FormatVersion.V0, VerityAlgorithm.SHA256_4K);
        assertThat(ImageMatch.find(root, digest)).contains(FormatVersion.V0);
    }

    @Test
    void write_v2InlineContentAtTheLimitAndOver_takenAndRefused() throws IOException {
        root.put(name("a"), inline(512));
        assertThat(image(ErofsImageReader.read(v2()), FormatVersion.V2)).isEqualTo(v2());
        root.put(name("a"), inline(513));
        assertThatThrownBy(this::v2)
                .isInstanceOf(UnwritableTreeException.class)
                .hasMessage("\"/a\": inline content of 513 bytes, limit of V2 512");
    }

    @Test
    void write_v2SymlinkAtTheLimitAndOver_takenAndRefused() throws IOException {
        root.put(name("a"), new Symlink(Metadata.ofRoot(0777), name("x".repeat(1024))));
        assertThat(image(ErofsImageReader.read(v2()), FormatVersion.V2)).isEqualTo(v2());
        root.put(name("a"), new Symlink(Metadata.ofRoot(0777), name("x".repeat(1025))));
        assertThatThrownBy(this::v2).hasMessage("\"/a\": symlink target of 1025 bytes, limit of V2 1024");
    }

    @Test
    void write_v2WhiteoutWithTwoNames_isRefused() {
        DeviceNode whiteout = new DeviceNode(Metadata.ofRoot(0), DeviceNode.Kind.CHARACTER, 0);
        root.put(name("a"), whiteout);
        root.put(name("b"), new HardLink(whiteout));
        assertThatThrownBy(this::v2)
                .isInstanceOf(UnwritableTreeException.class)
                .hasMessageContaining("whiteout with 2 names");
    }

    @Test
    void write_v2SharedXattrsAtTheLimitAndOver_takenAndRefused() throws IOException {
        putTwoWithXattrs(255);
        assertThat(image(ErofsImageReader.read(v2()), FormatVersion.V2)).isEqualTo(v2());
        putTwoWithXattrs(256);
        assertThatThrownBy(this::v2)
                .isInstanceOf(UnwritableTreeException.class)
                .hasMessageContaining("256 xattrs that others have too, limit of V2 255");
        assertThat(image(root, FormatVersion.V1)).isNotEmpty();
    }

    private void putTwoWithXattrs(int count) {
        Map<ByteString, ByteString> xattrs = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            xattrs.put(name("user." + i), ByteString.EMPTY);
        }
        root.put(name("a"), new Fifo(Metadata.ofRoot(0).withXattrs(xattrs)));
        root.put(name("b"), new Fifo(Metadata.ofRoot(0).withXattrs(xattrs)));
    }

    @Test
    void write_v2_keepsWholeSecondsAndNativeWhiteouts() throws IOException {
        Metadata metadata = new Metadata(0600, 1, 2, new Timestamp(-7, 8), Map.of());
        root.put(name("gone"), new DeviceNode(metadata, DeviceNode.Kind.CHARACTER, 0));
        Directory again = ErofsImageReader.read(v2());
        DeviceNode whiteout = (DeviceNode) again.get(name("gone")).orElseThrow();
        assertThat(whiteout.isWhiteout()).isTrue();
        assertThat(whiteout.metadata().mtime()).isEqualTo(new Timestamp(-7, 0));
        assertThat(again.children()).hasSize(1);
        assertThat(again.metadata().xattrs()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "composefs flags of V2, 8, 1",
        "EROFS build time of V2, 1048, 1",
        "EROFS build time of V2, 1052, 1",
        "nanoseconds of V2, 1056, 1",
        "EROFS xattr block of V2, 1068, 1",
        "EROFS compatible features, 1032, 8",
        "EROFS incompatible features, 1104, 4",
    })
    void read_v2HeaderWithOtherValue_isRefused(String reason, int offset, int value) throws IOException {
        byte[] image = v2();
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        assertThatThrownBy(() -> ErofsImageReader.read(image))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void read_v2InodeInTheShortForm_isRefused() throws IOException {
        byte[] image = v2();
        image[1152] &= (byte) 0xfe;
        assertThatThrownBy(() -> ErofsImageReader.read(image)).hasMessageContaining("short form, which V2 has not");
    }

    @Test
    void read_v2InodeWithOtherSerialNumber_isRefused() throws IOException {
        byte[] image = v2();
        image[1152 + 20]++;
        assertThatThrownBy(() -> ErofsImageReader.read(image)).hasMessageContaining("expected its own in V2");
    }

    @Test
    void read_v2InodeWithMoreNamesThanLinks_isRefused() throws IOException {
        Fifo fifo = new Fifo(Metadata.ofRoot(0));
        root.put(name("a"), fifo);
        root.put(name("b"), new HardLink(fifo));
        byte[] image = v2();
        int links = 44; // in the long form of an inode
        int second = 1152 + 64 + 4 * 12 + 1 + 2 + 1 + 1;
        second = (second + 31) / 32 * 32;
        assertThat(image[second + links]).isEqualTo((byte) 2);
        image[second + links] = 1;
        assertThatThrownBy(() -> ErofsImageReader.read(image)).hasMessageContaining("more names than the one link");
    }

    @Test
    void read_v2FileOfOtherChunkFormat_isRefused() throws IOException {
        root.put(
                name("a"),
                new RegularFile(
                        Metadata.ofRoot(0), new FileContent.External(70_000, Optional.empty(), ByteString.EMPTY)));
        byte[] image = v2();
        int file = (1152 + 64 + 3 * 12 + 4 + 31) / 32 * 32;
        assertThat(image[file + 16]).isEqualTo((byte) 31);
        image[file + 16] = 5;
        assertThatThrownBy(() -> ErofsImageReader.read(image)).hasMessageContaining("chunk format 5");
    }

    private static RegularFile inline(int size) {
        return new RegularFile(Metadata.ofRoot(0), new FileContent.Inline(new byte[size]));
    }

    private static ByteString name(String text) {
        return ByteString.utf8(text);
    }
}
