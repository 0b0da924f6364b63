package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mkcomposefs} of a folder, and {@code composefs-info} of what it made. */
class CommandsTest {
    private static final String BIG = "content of more than 64 bytes, which does not stand in the image, ".repeat(3);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void makeTree() throws IOException {
        Path tree = Files.createDirectories(folder.resolve("tree/dir"));
        Files.writeString(tree.resolve("big"), BIG);
        Files.writeString(tree.resolve("small"), "hello");
        Files.createFile(tree.resolve("empty"));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("big"));
    }

    private int mk(String... args) {
        return MkComposefs.run(
                args,
                Map.of(),
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String info(String... args) {
        out.reset();
        int exit = ComposefsInfo.run(
                args,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(exit).as(err.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void mkcomposefs_folder_imageAndStoreHoldIt() throws IOException {
        String image = folder.resolve("image").toString();
        String store = folder.resolve("store").toString();
        String tree = folder.resolve("tree").toString();
        assertThat(mk("--use-epoch", "--skip-xattrs", "--print-digest", "--digest-store=" + store, tree, image))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        String digest = out.toString(StandardCharsets.UTF_8).strip();
        assertThat(digest)
                .isEqualTo(FsVerityDigester.of(VerityAlgorithm.SHA256_4K, Files.readAllBytes(Path.of(image)))
                        .hex());
        VerityDigest big = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, BIG.getBytes(StandardCharsets.UTF_8));
        assertThat(info("ls", image))
                .isEqualTo(
                        "/dir/\t\n/dir/big\t@ " + big.objectPath() + "\n/dir/empty\n/dir/link\t-> big\n/dir/small\n");
        assertThat(info("objects", image)).isEqualTo(big.objectPath() + "\n");
        assertThat(info("missing-objects", image)).isEqualTo(big.objectPath() + "\n");
        assertThat(info("--basedir", store, "missing-objects", image)).isEmpty();
        assertThat(info("measure-file", image, store + "/" + big.objectPath())).isEqualTo(digest + "\n" + big + "\n");
        assertThat(info("dump", image, "--filter=none")).hasLineCount(1).startsWith("/ ");
        assertThat(Files.getPosixFilePermissions(Path.of(store, big.objectPath())))
                .hasSize(4);
    }

    @Test
    void mkcomposefs_digestOnly_writesNoImage() {
        String tree = folder.resolve("tree").toString();
        assertThat(mk("--print-digest-only", "--threads", "1", tree)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).matches("[0-9a-f]{64}\n");
    }

    @Test
    void mkcomposefs_wrongWords_exitIsOne() {
        String tree = folder.resolve("tree").toString();
        assertThat(mk()).isEqualTo(1);
        assertThat(mk(tree)).isEqualTo(1);
        assertThat(mk("--print-digest-only", tree, "x")).isEqualTo(1);
        assertThat(mk("--min-version=2", tree, "x")).isEqualTo(1);
        assertThat(mk("--threads=0", tree, "x")).isEqualTo(1);
        assertThat(mk("--print", tree, "x")).isEqualTo(1);
        assertThat(mk("--from-file", folder.resolve("absent").toString(), "-")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("ambiguous option --print");
    }

    @Test
    void composefsInfo_notAnImage_exitIsOneWithOneLine() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[8192]);
        int exit = ComposefsInfo.run(
                new String[] {"ls", file.toString()},
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(exit).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).matches("composefs-info: [^\n]*composefs magic[^\n]*\n");
    }

    @Test
    void mkcomposefs_hardLinksAskedFor_isTheImageOfADumpWithLinks() throws IOException {
        Path tree = folder.resolve("tree");
        Path big = tree.resolve("dir/big");
        // In a dump's order /dir/big comes before /dir!/name, though not by the bytes of the whole path.
        Files.createLink(Files.createDirectory(tree.resolve("dir!")).resolve("name"), big);
        Files.createLink(tree.resolve("zzz"), big);
        Path image = folder.resolve("image");
        assertThat(mk("--hardlinks", "--use-epoch", "--skip-xattrs", "--format=v1", tree.toString(), image.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        String dump = info("dump", image.toString());
        assertThat(dump)
                .containsPattern("(?m)^/dir/big 198 100644 3 .* [0-9a-f/]+ - [0-9a-f]{64}$")
                .containsPattern("(?m)^/dir!/name 198 @100644 3 .* /dir/big - ")
                .containsPattern("(?m)^/zzz 198 @100644 3 .* /dir/big - ");
        byte[] again = ErofsImageReaderTest.image(
                new DumpReader().read(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8))));
        assertThat(Files.readAllBytes(image)).isEqualTo(again);
    }

    @Test
    void mkcomposefs_otherFormatAndAlgorithm_areInTheImage() throws IOException {
        Path image = folder.resolve("image");
        assertThat(mk(
                        "--format",
                        "v2",
                        "--digest-algorithm=sha512",
                        "--block-size=4096",
                        "--print-digest",
                        folder.resolve("tree").toString(),
                        image.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        String digest = out.toString(StandardCharsets.UTF_8).strip();
        assertThat(digest)
                .isEqualTo(FsVerityDigester.of(VerityAlgorithm.SHA512_4K, Files.readAllBytes(image))
                        .hex());
        assertThat(ErofsImage.read(image).version()).isEqualTo(FormatVersion.V2);
        assertThat(info("dump", image.toString())).containsPattern("(?m)^/dir/big .* [0-9a-f]{128}$");
        assertThat(info("measure-file", "--digest-algorithm=sha512", image.toString())
                        .strip())
                .isEqualTo(digest);
        assertThat(info("measure-file", "--block-size=65536", image.toString()).strip())
                .isEqualTo(FsVerityDigester.of(VerityAlgorithm.SHA256_64K, Files.readAllBytes(image))
                        .hex());
    }

    @Test
    void mkcomposefs_wrongOptionsOfOurs_exitIsOne() {
        String tree = folder.resolve("tree").toString();
        assertThat(mk("--format=v3", tree, "x")).isEqualTo(1);
        assertThat(mk("--format=v1", "--max-version=1", tree, "x")).isEqualTo(1);
        assertThat(mk("--digest-algorithm=md5", tree, "x")).isEqualTo(1);
        assertThat(mk("--block-size=1024", tree, "x")).isEqualTo(1);
        assertThat(mk("--hardlinks=yes", tree, "x")).isEqualTo(1);
        assertThat(mk("--hardl", tree, "x")).isEqualTo(1); // ours are spelled out
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(
                        "unknown format \"v3\"", "--format excludes", "unknown digest algorithm", "unknown block size")
                .contains("--hardlinks takes no value", "unknown option --hardl");
    }

    @Test
    void composefsDump_imageOfEachFormat_writesTheSameBytes() throws IOException {
        for (String format : new String[] {"v0", "v1", "v2"}) {
            Path image = folder.resolve(format);
            assertThat(mk("--format=" + format, folder.resolve("tree").toString(), image.toString()))
                    .isZero();
            Path again = folder.resolve(format + "-again");
            assertThat(dump(image.toString(), again.toString())).isZero();
            assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(image));
        }
    }

    @Test
    void composefsDump_wordsOrImageWrong_exitIsOneWithAReason() throws IOException {
        assertThat(dump()).isEqualTo(1);
        assertThat(dump("a")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("no source path", "no destination path");
        err.reset();
        Path file = Files.write(folder.resolve("file"), new byte[8192]);
        Path target = folder.resolve("target");
        assertThat(dump(file.toString(), target.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).matches("composefs-dump: [^\n]*composefs magic[^\n]*\n");
        assertThat(target).doesNotExist();
        err.reset();
        assertThat(dump(folder.resolve("none").toString(), target.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).matches("composefs-dump: [^\n]*no such file[^\n]*\n");
    }

    private int dump(String... args) {
        return ComposefsDump.run(args, new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
