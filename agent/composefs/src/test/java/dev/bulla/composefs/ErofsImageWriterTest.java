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
import dev.bulla.composefs.tree.Timestamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErofsImageWriterTest {
    private final Directory root = new Directory(Metadata.ofRoot(0755));

    private static ByteString name(String text) {
        return ByteString.utf8(text);
    }

    private static Metadata withXattr(String name, int length) {
        return new Metadata(0, 0, 0, Timestamp.EPOCH, Map.of(ByteString.utf8(name), ByteString.of(new byte[length])));
    }

    @Test
    void write_linkToInodeElsewhere_isRefused() {
        root.put(name("a"), new HardLink(new Fifo(Metadata.ofRoot(0))));
        assertThatThrownBy(() -> ErofsImageReaderTest.image(root))
                .isInstanceOf(UnwritableTreeException.class)
                .hasMessageContaining("not in the tree");
    }

    @Test
    void write_directoryAtTwoPlaces_isRefused() {
        Directory folder = new Directory(Metadata.ofRoot(0755));
        root.put(name("a"), folder);
        folder.put(name("b"), root);
        assertThatThrownBy(() -> ErofsImageReaderTest.image(root)).hasMessageContaining("stands at two places");
    }

    @Test
    void write_linkedInodeAtTwoPlaces_isRefused() {
        Fifo fifo = new Fifo(Metadata.ofRoot(0));
        root.put(name("a"), fifo);
        root.put(name("b"), fifo);
        root.put(name("c"), new HardLink(fifo));
        assertThatThrownBy(() -> ErofsImageReaderTest.image(root)).hasMessageContaining("not by a hard link");
    }

    @Test
    void write_xattrsAtTheLimitAndOver_takenAndRefusedWithThePath() throws IOException {
        int room = XattrLimits.MAX_TOTAL - XattrLimits.HEADER - 7 - "user.a".length();
        Directory folder = new Directory(Metadata.ofRoot(0755));
        root.put(name("dir"), folder);
        folder.put(name("file"), new Fifo(withXattr("user.a", room)));
        assertThat(ErofsImageReaderTest.image(root)).isNotEmpty();
        folder.put(name("file"), new Fifo(withXattr("user.a", room + 1)));
        assertThatThrownBy(() -> ErofsImageReaderTest.image(root))
                .isInstanceOf(UnwritableTreeException.class)
                .hasMessage("\"/dir/file\": xattrs of 32768 bytes, limit 32767");
    }

    @Test
    void write_xattrNameOver255OrEmpty_isRefused() {
        root.put(name("a"), new Fifo(withXattr("user." + "x".repeat(251), 0)));
        assertThatThrownBy(() -> ErofsImageReaderTest.image(root)).hasMessageContaining("xattr name of 256 bytes");
        root.put(name("a"), new Fifo(withXattr("", 0)));
        assertThatThrownBy(() -> ErofsImageReaderTest.image(root)).hasMessageContaining("xattr name of 0 bytes");
    }

    @Test
    void write_linksNotClaimed_areCounted() throws IOException {
        RegularFile file = new RegularFile(Metadata.ofRoot(0), new FileContent.Empty());
        root.put(name("a"), file);
        root.put(name("b"), new HardLink(file));
        String dump = new String(
                ErofsImageReaderTest.dump(ErofsImageReader.read(ErofsImageReaderTest.image(root))),
                StandardCharsets.UTF_8);
        assertThat(dump).contains("/a 0 100000 2 ").contains("/b 0 @100000 2 ");
    }

    @Test
    void write_treeIsNotChanged_sameImageTwice() throws IOException {
        root.put(name("gone"), new DeviceNode(Metadata.ofRoot(0), DeviceNode.Kind.CHARACTER, 0));
        byte[] image = ErofsImageReaderTest.image(root);
        assertThat(ErofsImageReaderTest.image(root)).isEqualTo(image);
        assertThat(root.children()).hasSize(1);
    }

    @Test
    void metacopy_sha512_hasItsLengthAndNumber() {
        byte[] bytes = OverlayXattrs.metacopy(VerityDigest.fromBytes(VerityAlgorithm.SHA512_4K, new byte[64]))
                .toByteArray();
        assertThat(bytes).hasSize(68).startsWith(0, 0x44, 0, 2);
    }

    @Test
    void choose_version_bumpsOnlyForWhiteouts() {
        assertThat(FormatVersion.choose(FormatVersion.V0, FormatVersion.V1, root))
                .isEqualTo(FormatVersion.V0);
        root.put(name("gone"), new DeviceNode(Metadata.ofRoot(0), DeviceNode.Kind.CHARACTER, 0));
        assertThat(FormatVersion.choose(FormatVersion.V0, FormatVersion.V1, root))
                .isEqualTo(FormatVersion.V1);
        assertThat(FormatVersion.choose(FormatVersion.V0, FormatVersion.V0, root))
                .isEqualTo(FormatVersion.V0);
        assertThat(FormatVersion.choose(FormatVersion.V1, FormatVersion.V0, root))
                .isEqualTo(FormatVersion.V1);
    }
}
