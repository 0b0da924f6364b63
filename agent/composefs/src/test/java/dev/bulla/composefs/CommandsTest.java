package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

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
}
