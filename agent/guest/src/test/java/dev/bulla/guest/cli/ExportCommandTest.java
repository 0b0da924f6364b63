package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.guest.export.TestStore;
import dev.bulla.guest.layer.TarBuilder;
import dev.bulla.guest.store.StoreBacking;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
    private static final String TAR_TYPE = "application/vnd.oci.image.layer.v1.tar";
    private static final String NAME = "registry.example/app:1";
    private static final byte[] LOWER = new TarBuilder()
            .directory("etc/")
            .file("etc/large", "large ".repeat(1000))
            .end()
            .bytes();
    private static final byte[] UPPER =
            new TarBuilder().file("etc/small", "small").end().bytes();

    @TempDir
    private Path folder;

    private Path target;

    @BeforeEach
    void createTarget() throws IOException {
        target = Files.createDirectory(folder.resolve("target"));
    }

    private Digest image(String mediaType) throws IOException {
        try (TestStore store = new TestStore(folder.resolve("store"))) {
            VerityDigest image = store.seal(LOWER, UPPER);
            store.delta(LOWER, image);
            store.layer(UPPER, true);
            return store.image(NAME, mediaType, LOWER, UPPER, LOWER);
        }
    }

    private CommandRun run(String... args) {
        String[] all = Stream.concat(
                        Stream.of(args),
                        Stream.of("--store", folder.resolve("store").toString()))
                .toArray(String[]::new);
        return CommandRun.of(all);
    }

    private static Map<String, byte[]> entries(Path archive) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new ByteArrayInputStream(Files.readAllBytes(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.put(entry.getName(), tar.readAllBytes());
            }
        }
        return entries;
    }

    private static String text(Map<String, byte[]> entries, String name) {
        return new String(requireNonNull(entries.get(name)), StandardCharsets.UTF_8);
    }

    private static Digest sha256(byte[] bytes) {
        return Digest.Algorithm.SHA256.of(bytes);
    }

    private void leavesNothing() throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void layerExport_streamAndDelta_givesTheTars() throws IOException {
        image(TAR_TYPE);
        for (byte[] tar : new byte[][] {LOWER, UPPER}) {
            Path file = target.resolve("layer.tar");
            CommandRun run = run("layer", "export", sha256(tar).toString(), "--output", file.toString());
            assertThat(run.err()).isEmpty();
            assertThat(run.code()).isZero();
            assertThat(run.out()).contains(sha256(tar) + ": " + tar.length + " bytes");
            assertThat(file).hasBinaryContent(tar);
        }
    }

    @Test
    void layerExport_stdout_isTheTarAndNothingElse() throws IOException {
        image(TAR_TYPE);
        CommandRun run = run("layer", "export", sha256(UPPER).toString());
        assertThat(run.code()).isZero();
        assertThat(run.out().getBytes(StandardCharsets.UTF_8)).isEqualTo(UPPER);
    }

    @Test
    void layerExport_unknownOrMalformed_isRefused() throws IOException {
        image(TAR_TYPE);
        CommandRun unknown = run("layer", "export", "sha256:" + "0".repeat(64), "--output", target + "/x");
        assertThat(unknown.code()).isEqualTo(7);
        assertThat(unknown.err()).contains("does not keep its tar").hasLineCount(1);
        assertThat(run("layer", "export", "latest").code()).isEqualTo(2);
        assertThat(run("layer").code()).isEqualTo(2);
        leavesNothing();
    }

    @Test
    void layerExport_brokenObject_isRefusedAndLeavesNothing() throws IOException {
        image(TAR_TYPE);
        VerityDigest large = FsVerityDigester.of(
                VerityAlgorithm.SHA256_4K, "large ".repeat(1000).getBytes(StandardCharsets.UTF_8));
        Path object = folder.resolve("store/objects").resolve(large.objectPath());
        Files.delete(object);
        Files.writeString(object, "Large ".repeat(1000));
        for (String[] args : new String[][] {
            {"layer", "export", sha256(LOWER).toString(), "--output", target + "/x"},
            {"save", NAME, "oci-archive:" + target + "/x"}
        }) {
            CommandRun run = run(args);
            assertThat(run.code()).isEqualTo(6);
            assertThat(run.err()).hasLineCount(1);
            leavesNothing();
        }
    }

    @Test
    void save_ociArchiveOfPlainLayers_keepsTheManifest() throws Exception {
        Digest manifest = image(TAR_TYPE);
        Path file = target.resolve("image.tar");
        CommandRun run = run("save", NAME, "oci-archive:" + file, "--output", "json");
        assertThat(run.err()).isEmpty();
        JsonCursor.Members json =
                JsonCursor.parse(run.out().getBytes(StandardCharsets.UTF_8)).object();
        assertThat(json.required("manifestDigest").string()).isEqualTo(manifest.toString());
        assertThat(json.required("writtenManifestDigest").string()).isEqualTo(manifest.toString());
        Map<String, byte[]> entries = entries(file);
        assertThat(entries.keySet())
                .startsWith("oci-layout", "index.json", "blobs/", "blobs/sha256/")
                .hasSize(8);
        assertThat(text(entries, "index.json"))
                .contains(manifest.toString(), "\"org.opencontainers.image.ref.name\":\"" + NAME + "\"");
        entries.forEach((name, bytes) -> {
            if (name.startsWith("blobs/sha256/") && bytes.length > 0) {
                assertThat(name).isEqualTo("blobs/sha256/" + sha256(bytes).hex());
            }
        });
        assertThat(entries.get("blobs/sha256/" + sha256(LOWER).hex())).isEqualTo(LOWER);
    }

    @Test
    void save_ociArchiveOfCompressedLayers_saysSoAndNamesBothDigests() throws Exception {
        Digest manifest = image(TAR_TYPE + "+gzip");
        Path file = target.resolve("image.tar");
        CommandRun run = run("save", NAME, "oci-archive:" + file, "--output", "json");
        assertThat(run.code()).isZero();
        JsonCursor.Members json =
                JsonCursor.parse(run.out().getBytes(StandardCharsets.UTF_8)).object();
        String written = json.required("writtenManifestDigest").string();
        assertThat(written).isNotEqualTo(manifest.toString());
        Map<String, byte[]> entries = entries(file);
        byte[] bytes = requireNonNull(entries.get("blobs/" + written.replace(':', '/')));
        assertThat(sha256(bytes)).hasToString(written);
        assertThat(new String(bytes, StandardCharsets.UTF_8))
                .contains(
                        json.required("configDigest").string(),
                        sha256(LOWER).toString(),
                        sha256(UPPER).toString());
        byte[] first = Files.readAllBytes(file);
        CommandRun again = run("save", manifest.toString(), "oci-archive:" + file);
        assertThat(again.out()).contains("cannot be made again", written, "config", "as received");
        assertThat(entries(file).keySet()).isEqualTo(entries.keySet());
        assertThat(run("save", NAME, "oci-archive:" + file).code()).isZero();
        assertThat(file).hasBinaryContent(first); // the same image, the same bytes
    }

    @Test
    void save_dockerArchive_hasConfigTagAndLayers() throws IOException {
        image(TAR_TYPE + "+gzip");
        Path file = target.resolve("image.tar");
        CommandRun run = run("save", NAME, "docker-archive:" + file);
        assertThat(run.err()).isEmpty();
        Map<String, byte[]> entries = entries(file);
        assertThat(entries).hasSize(4);
        String lower = sha256(LOWER).hex() + ".tar";
        String upper = sha256(UPPER).hex() + ".tar";
        assertThat(text(entries, "manifest.json"))
                .contains("\"RepoTags\":[\"" + NAME + "\"]")
                .contains("\"Layers\":[\"" + lower + "\",\"" + upper + "\",\"" + lower + "\"]");
        assertThat(entries.get(upper)).isEqualTo(UPPER);
    }

    @Test
    void save_encryptedLayers_needProtectedStorageOrTheUsersWord() throws IOException {
        image(TAR_TYPE + "+gzip+encrypted");
        String destination = "docker-archive:" + target + "/image.tar";
        String layer = sha256(UPPER).toString();
        boolean isProtected = StoreBacking.of(target, Path.of("/proc"), Path.of("/sys")) != StoreBacking.UNPROTECTED;
        if (!isProtected) {
            CommandRun run = run("save", NAME, destination);
            assertThat(run.code()).isEqualTo(7);
            assertThat(run.err())
                    .contains("its storage is unprotected", "--store-exposure=accepted")
                    .hasLineCount(1);
            assertThat(run("layer", "export", layer, "--output", target + "/l").code())
                    .isEqualTo(7);
            leavesNothing();
        }
        assertThat(run("save", NAME, destination, "--store-exposure=accepted").code())
                .isZero();
        assertThat(run("layer", "export", layer, "--output", target + "/l", "--store-exposure=accepted")
                        .code())
                .isZero();
    }

    @Test
    void save_unknownImageLayerOrDestination_isRefused() throws IOException {
        image(TAR_TYPE);
        String destination = "oci-archive:" + target + "/x";
        assertThat(run("save", "registry.example/other:1", destination).code()).isEqualTo(7);
        assertThat(run("save", "sha256:" + "0".repeat(64), destination).code()).isEqualTo(7);
        assertThat(run("save", NAME, "docker://x").code()).isEqualTo(2);
        assertThat(run("save", NAME, "oci-archive:").code()).isEqualTo(2);
        try (TestStore store = new TestStore(folder.resolve("store"))) {
            store.store().streams().remove("oci-layer-" + sha256(UPPER));
        }
        CommandRun run = run("save", NAME, destination);
        assertThat(run.err()).contains(sha256(UPPER).toString(), "--keep-tar=none");
        assertThat(run.code()).isEqualTo(7);
        leavesNothing();
    }
}
