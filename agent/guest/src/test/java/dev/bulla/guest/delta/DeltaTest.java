package dev.bulla.guest.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.guest.layer.RawHeader;
import dev.bulla.guest.layer.TarBuilder;
import dev.bulla.guest.layer.TarPart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaTest {
    private static final String LONG = "long/" + "n".repeat(120);

    @TempDir
    private Path folder;

    private ObjectStore store;
    private Staging staging;

    @BeforeEach
    void open() throws IOException {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K);
        staging = Staging.begin(store.folder(), "test");
    }

    @AfterEach
    void close() throws IOException {
        staging.close();
        store.close();
    }

    @Test
    void write_archiveOfGosWriter_leavesNothingOver() throws IOException {
        byte[] tar;
        try (InputStream in =
                new GZIPInputStream(Objects.requireNonNull(getClass().getResourceAsStream("go-pax.tar.gz")))) {
            tar = in.readAllBytes();
        }
        // The magic, no prefix, one run, no seek but over the root and implied folders, two blocks of zeros
        assertThat(roundTrip(tar)).isLessThan(60);
    }

    @Test
    void write_gnuHeadersNamesOfUsersAndFileTypes_costsOnceAType() throws IOException {
        assertThat(roundTrip(gnu(200))).isEqualTo(roundTrip(gnu(100)));
    }

    @Test
    void write_rootCalledOtherwiseThanTheRest_costsLittle() throws IOException {
        TarBuilder tar = new TarBuilder().directory("/");
        for (int i = 100; i < 200; i++) {
            tar.file("file-" + i, "");
        }
        assertThat(roundTrip(tar.end().bytes())).isLessThan(120);
    }

    private static byte[] gnu(int files) {
        TarBuilder tar = new TarBuilder().entry(gnuHeader('5', "./").mode(040755));
        for (int i = 100; i < 100 + files; i++) {
            tar.entry(gnuHeader('0', "./" + i + "-file").mode(0100644));
            tar.entry(gnuHeader('2', "./" + i + "-link").mode(0120777).link("target"));
        }
        return tar.raw(new byte[10240]).bytes();
    }

    private static RawHeader gnuHeader(char type, String name) {
        return RawHeader.of(type, name).gnu().put(265, "root").put(297, "root").put(329, new byte[16]);
    }

    @Test
    void write_anyOrder_isKept() throws IOException {
        roundTrip(new TarBuilder()
                .file("b/z", "z".repeat(100))
                .directory("b/")
                .file("a", "a")
                .link("b/y", "a")
                .link("0", "b/y")
                .directory("c/d/")
                .directory("c/")
                .end()
                .bytes());
    }

    @Test
    void write_whatTheTreeDoesNotHave_isKept() throws IOException {
        byte[] tar = new TarBuilder()
                .file("dir/.wh.gone", "")
                .file("dir/.wh..wh..opq", "")
                .file("twice", "first content ".repeat(10))
                .file("twice", "second content ".repeat(10))
                .file("twice", "small")
                .link("x", "twice")
                .pax("SCHILY.xattr.security.selinux=label\0", "SCHILY.xattr.trusted.x=1", "atime=5", "foo=bar")
                .file("labelled", "content")
                .pax("path=" + LONG)
                .file("cut", "x")
                .longName(LONG + "2")
                .file("short", "y")
                .end()
                .bytes();
        roundTrip(tar);
        Archive archive = new Archive(tar);
        Directory empty = new Directory(Metadata.ofRoot(0755));
        assertThat(archive.rebuilt(archive.delta(empty), empty)).isEqualTo(tar);
    }

    @Test
    void write_ends_areKept() throws IOException {
        byte[] tar = new TarBuilder().file("a", "a").file("b", "b".repeat(70)).bytes();
        for (int length : new int[] {tar.length, tar.length - 442, tar.length - 1}) {
            roundTrip(Arrays.copyOf(tar, length));
        }
        for (int zeros : new int[] {512, 1024, 1025, 10240, 100_000}) {
            roundTrip(Arrays.copyOf(tar, tar.length + zeros));
        }
        roundTrip(new byte[0]);
        roundTrip(new byte[1024]);
        byte[] comment = TarBuilder.paxBody("comment=at the end");
        roundTrip(new TarBuilder()
                .file("a", "a")
                .extension('g', comment)
                .raw(new byte[512 - comment.length])
                .end()
                .bytes());
        byte[] padded = new TarBuilder().file("a", "a").file("b", "b").end().bytes();
        padded[600] = 1; // readers pass over what fills a block up
        roundTrip(padded);
    }

    @Test
    void write_otherChecksumsAndTypes_areKept() throws IOException {
        roundTrip(new TarBuilder()
                .entry(RawHeader.of('0', "spaces").checksum("  7134\0 "))
                .end()
                .bytes());
    }

    private long roundTrip(byte[] tar) throws IOException {
        Archive archive = new Archive(tar);
        Directory tree = archive.tree(store, staging);
        List<TarPart> delta = archive.delta(tree);
        assertThat(archive.rebuilt(delta, tree)).isEqualTo(tar);
        return Archive.size(delta);
    }
}
