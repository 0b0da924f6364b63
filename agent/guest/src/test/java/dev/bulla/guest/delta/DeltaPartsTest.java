package dev.bulla.guest.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.guest.layer.LayerLimit;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.TarPart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeltaPartsTest {
    private static final VerityDigest DIGEST = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, new byte[] {1});

    /** The root, a, b: three nodes. */
    private static Directory tree() {
        Directory root = new Directory(Metadata.ofRoot(0755));
        root.put(
                ByteString.utf8("a"), new RegularFile(Metadata.ofRoot(0644), new FileContent.Inline(new byte[] {'a'})));
        root.put(ByteString.utf8("b"), new RegularFile(Metadata.ofRoot(0644), FileContent.External.of(600, DIGEST)));
        return root;
    }

    private static TarPart.Bytes delta(int... instructions) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("bulla-tar-delta 1\n".getBytes(StandardCharsets.US_ASCII));
        bytes.write(0); // no prefix
        for (int instruction : instructions) {
            bytes.write(instruction);
        }
        return new TarPart.Bytes(bytes.toByteArray());
    }

    private static List<TarPart> read(Directory tree, LayerLimits limits, TarPart... delta) throws IOException {
        DeltaParts parts = new DeltaParts(Archive.parts(List.of(delta)), tree, limits);
        List<TarPart> read = new ArrayList<>();
        for (TarPart part = parts.next(); part != null; part = parts.next()) {
            read.add(part);
        }
        return read;
    }

    private static void refuses(String words, TarPart... delta) {
        assertThatExceptionOfType(DeltaException.class)
                .isThrownBy(() -> read(tree(), LayerLimits.DEFAULTS, delta))
                .withMessageContaining(words);
    }

    @Test
    void next_allNodes_givesHeadersAndBodies() throws IOException {
        List<TarPart> parts = read(tree(), LayerLimits.DEFAULTS, delta(1, 3, 0, 4));
        assertThat(parts.stream().map(TarPart::size)).containsExactly(512L, 512L, 1L, 511L, 512L, 600L, 424L, 4L);
        assertThat(parts.get(5)).isEqualTo(new TarPart.Body(DIGEST, 600));
    }

    @Test
    void next_magicOrVersionOrPrefix_isRefused() {
        byte[] other = delta(0, 0).bytes().clone();
        other["bulla-tar-delta ".length()] = '2';
        refuses("version 1", new TarPart.Bytes(other));
        other = delta(0, 0).bytes().clone();
        other["bulla-tar-delta 1\n".length()] = 3;
        refuses("prefix 3, expected at most 2", new TarPart.Bytes(other));
    }

    @Test
    void next_cutOff_isRefused() {
        byte[] whole = delta(3, '0', 1, 101, 1, '1', 1, 3, 5, 2, 'x', 'y', 0, 4).bytes();
        for (int length = 0; length < whole.length; length++) {
            refuses("ends in the middle", new TarPart.Bytes(Arrays.copyOf(whole, length)));
        }
    }

    @Test
    void next_bytesOrObjectsAfterTheEnd_isRefused() {
        refuses("after its end", delta(0, 4, 0));
        refuses("after its end", delta(0, 4), new TarPart.Body(DIGEST, 1));
    }

    @Test
    void next_moreEntriesThanNodes_isRefused() throws IOException {
        assertThat(read(tree(), LayerLimits.DEFAULTS, delta(1, 3, 0, 0))).hasSize(7);
        refuses("entries 4, expected at most 3", delta(1, 4, 0, 0));
        refuses("entries 1, expected at most 0", delta(1, 3, 1, 1, 0, 0));
    }

    @Test
    void next_seekOutOfTheTree_isRefused() throws IOException {
        assertThat(read(tree(), LayerLimits.DEFAULTS, delta(2, 6, 2, 5, 0, 0))).isEmpty(); // to the end and back
        refuses("distance 8, expected at most 7", delta(2, 8, 0, 0));
        refuses("node -1", delta(2, 1, 0, 0));
        refuses("node 4", delta(1, 1, 2, 6, 0, 0));
    }

    @Test
    void next_changesOutsideAHeaderOrOutOfOrder_isRefused() throws IOException {
        assertThat(read(tree(), LayerLimits.DEFAULTS, delta(3, '5', 1, 0xff, 3, 1, 9, 1, 1, 0, 0)))
                .hasSize(1);
        refuses("of a header", delta(3, '5', 1, 0x80, 4, 1, 9, 1, 1, 0, 0));
        refuses("of a header", delta(3, '5', 2, 5, 2, 9, 9, 6, 1, 9, 0, 0));
        refuses("of a header", delta(3, '5', 1, 5, 0, 0, 0));
        refuses("number of changes 513", delta(3, '5', 0x81, 4));
    }

    @Test
    void next_extensionWithoutEntry_isRefused() {
        refuses("without the entry", delta(4, 1, 'x', 0, 0));
        refuses("length of headers 4194305", delta(4, 0x81, 0x80, 0x80, 2));
    }

    @Test
    void next_objectThatIsNotAsAnnounced_isRefused() throws IOException {
        TarPart end = new TarPart.Bytes(new byte[] {0, 0});
        assertThat(read(tree(), LayerLimits.DEFAULTS, delta(6, 5), new TarPart.Body(DIGEST, 5), end))
                .hasSize(1);
        refuses("object of 6 bytes, announced with 5", delta(6, 5), new TarPart.Body(DIGEST, 6), end);
        refuses("no object", delta(6, 5, 0, 0));
        refuses("where an instruction stands", delta(), new TarPart.Body(DIGEST, 5), end);
    }

    @Test
    void next_unknownInstructionOrHugeNumber_isRefused() {
        refuses("instruction 7", delta(7));
        refuses("more than 63 bits", delta(5, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1));
    }

    @Test
    void next_archiveAboveTheLimit_isRefused() throws IOException {
        LayerLimits limits = LayerLimits.DEFAULTS.with(LayerLimit.LAYER_BYTES, 3 * 512);
        assertThat(read(tree(), limits, delta(1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 0, 0)))
                .hasSize(3);
        assertThatExceptionOfType(DeltaException.class)
                .isThrownBy(() -> read(tree(), limits, delta(1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 0, 0)))
                .withMessageContaining("more than 1536 bytes");
    }

    @Test
    void next_nodeThatNoArchiveHolds_isRefused() {
        Directory tree = new Directory(Metadata.ofRoot(0755));
        tree.put(ByteString.utf8("s"), new Socket(Metadata.ofRoot(0644)));
        assertThatExceptionOfType(DeltaException.class)
                .isThrownBy(() -> read(tree, LayerLimits.DEFAULTS, delta(1, 2, 0, 0)))
                .withMessageContaining("socket");
        Directory other = new Directory(Metadata.ofRoot(0755));
        other.put(
                ByteString.utf8("f"),
                new RegularFile(
                        Metadata.ofRoot(0644), new FileContent.External(9, Optional.empty(), ByteString.utf8("path"))));
        assertThatExceptionOfType(DeltaException.class)
                .isThrownBy(() -> read(other, LayerLimits.DEFAULTS, delta(1, 2, 0, 0)))
                .withMessageContaining("no digest");
    }
}
