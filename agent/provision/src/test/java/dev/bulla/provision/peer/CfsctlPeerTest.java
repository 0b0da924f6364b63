package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.LayerStream;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** composefs-rs's cfsctl and this program, each on a repository that the other wrote. */
@Tag("peer")
class CfsctlPeerTest {
    private static final String NAME = "example.org/peer/image:1";
    private static final byte[] BODY =
            "a body that is an object of its own\n".repeat(200).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private Path cfsctl = Path.of("set before each test");

    @BeforeEach
    void findCfsctl() {
        cfsctl = Peers.findOptional("cfsctl", "composefs-rs 0.9.0");
    }

    private ProgramRun cfsctl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(cfsctl.toString(), "--repo", repository().toString()));
        command.addAll(Arrays.asList(arguments));
        return ProgramRun.of(folder, Map.of(), command).succeeded();
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    /** A repository of ours: two layers, config, manifest, tag, image and its reference. */
    private Written write(VerityAlgorithm algorithm) throws IOException {
        try (ObjectStore store = ObjectStore.open(repository(), algorithm);
                Staging staging = Staging.begin(store.folder(), "peer")) {
            OciStreams oci = new OciStreams(store);
            SortedMap<String, VerityDigest> layers = new TreeMap<>();
            List<SplitTar> tars = new ArrayList<>();
            StringBuilder diffIds = new StringBuilder();
            for (int i = 1; i <= 2; i++) {
                try (SplitTar tar = new SplitTar(store, staging)) {
                    tar.folder("usr");
                    tar.file("usr/small" + i, new byte[SplitTar.LARGEST_INLINE]);
                    tar.file("usr/large" + i, new byte[SplitTar.LARGEST_INLINE + i]);
                    tar.file("usr/empty" + i, new byte[0]);
                    tar.file("usr/same", BODY);
                    tar.symlink("usr/link" + i, "same");
                    StagedObject staged = tar.finish();
                    VerityDigest stream = oci.putLayer(tar.diffId(), staged);
                    layers.put(tar.diffId().toString(), stream);
                    diffIds.append(i == 1 ? "" : ",")
                            .append('"')
                            .append(tar.diffId())
                            .append('"');
                    tars.add(tar);
                }
            }
            VerityDigest image = image(store, staging);
            store.references().put(NAME, image);

            byte[] config =
                    ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                                    + diffIds + "]}}")
                            .getBytes(StandardCharsets.UTF_8);
            Digest configDigest = Digest.Algorithm.SHA256.of(config);
            SortedMap<String, VerityDigest> named = new TreeMap<>(layers);
            named.put("bulla.image.faithful.v1", image);
            VerityDigest configStream = oci.putConfig(staging, configDigest, config, named);

            StringBuilder descriptors = new StringBuilder();
            for (SplitTar tar : tars) {
                descriptors
                        .append(descriptors.isEmpty() ? "" : ",")
                        .append("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"")
                        .append(tar.diffId())
                        .append("\",\"size\":")
                        .append(tar.bytes().length)
                        .append('}');
            }
            byte[] manifest =
                    ("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
                                    + "\"digest\":\"" + configDigest + "\",\"size\":" + config.length + "},\"layers\":["
                                    + descriptors + "]}")
                            .getBytes(StandardCharsets.UTF_8);
            Digest manifestDigest = Digest.Algorithm.SHA256.of(manifest);
            layers.put(OciStreams.configReference(configDigest), configStream);
            oci.putManifest(staging, manifestDigest, manifest, layers);
            oci.tag(NAME, manifestDigest);
            return new Written(manifestDigest, manifest, config, tars, image);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA256_4K", "SHA512_4K"})
    void cfsctl_whatWeWrote_takesAndReadsAll(VerityAlgorithm algorithm) throws Exception {
        Written written = write(algorithm);

        assertThat(cfsctl("fsck").out()).contains("status: ok", "streams: 4/4 ok", "images: 1/1 ok");
        assertThat(cfsctl("oci", "fsck").out()).contains("oci images: 1/1 ok");
        assertThat(cfsctl("oci", "images", "--json").out())
                .contains(NAME, written.manifest.toString(), "\"layer_count\": 2");
        assertThat(cfsctl("oci", "inspect", "--manifest", NAME).out().strip())
                .isEqualTo(new String(written.manifestJson, StandardCharsets.UTF_8));
        assertThat(cfsctl("oci", "inspect", "--config", NAME).out().strip())
                .isEqualTo(new String(written.config, StandardCharsets.UTF_8));
        for (SplitTar layer : written.layers) {
            String diffId = layer.diffId().toString();
            assertThat(cfsctl("oci", "layer", diffId).out().getBytes(StandardCharsets.UTF_8))
                    .isEqualTo(layer.bytes());
            assertThat(cfsctl("oci", "layer", "--json", diffId).out())
                    .contains("\"entryCount\": 6", "\"externalObjects\": 2", "\"size\": " + layer.bytes().length);
        }
        assertThat(cfsctl("images").out()).contains(written.image.hex().substring(0, 12));
        assertThat(cfsctl("image-objects", written.image.hex()).out())
                .contains(FsVerityDigester.of(algorithm, BODY).hex());
        // Everything that stands there is in use: also the image that only a name unknown to cfsctl keeps.
        assertThat(cfsctl("gc", "--dry-run").out()).contains("Objects: 0 removed");
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA256_4K", "SHA512_4K"})
    void cfsctlMount_whatWeWrote_showsTheFiles(VerityAlgorithm algorithm) throws Exception {
        ProgramRun namespace = ProgramRun.of(folder, Map.of(), List.of("unshare", "--mount", "true"));
        assumeTrue(namespace.exit() == 0, "mounting needs root");
        Written written = write(algorithm);
        Path at = Files.createDirectory(folder.resolve("mounted"));
        // In a mount namespace of its own, so that nothing stays mounted.
        String script = "'" + cfsctl + "' --repo '" + repository() + "' mount " + written.image.hex() + " '" + at
                + "' && cat '" + at + "/same'";
        ProgramRun run = ProgramRun.of(folder, Map.of(), List.of("unshare", "--mount", "/bin/sh", "-c", script))
                .succeeded();
        assertThat(run.out().getBytes(StandardCharsets.US_ASCII)).isEqualTo(BODY);
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA256_4K", "SHA512_4K"})
    void reader_whatCfsctlCopied_isTheSame(VerityAlgorithm algorithm) throws Exception {
        Written written = write(algorithm);
        Path ours = repository();
        Path theirs = folder.resolve("theirs");
        ProgramRun.of(
                        folder,
                        Map.of(),
                        List.of(
                                cfsctl.toString(),
                                "init",
                                "--insecure",
                                "--algorithm",
                                algorithm.id(),
                                theirs.toString()))
                .succeeded();
        ProgramRun.of(
                        folder,
                        Map.of(),
                        List.of(
                                cfsctl.toString(),
                                "--repo",
                                theirs.toString(),
                                "oci",
                                "copy",
                                NAME,
                                "--from",
                                ours.toString(),
                                "--name",
                                "copied"))
                .succeeded();
        try (ObjectStore store = ObjectStore.openExisting(theirs)) {
            assertThat(store.algorithm()).isEqualTo(algorithm);
            OciStreams oci = new OciStreams(store);
            assertThat(oci.tags()).isEqualTo(Map.of("copied", written.manifest));
            assertThat(oci.manifest(written.manifest).orElseThrow().bytes()).isEqualTo(written.manifestJson);
            Digest config = Digest.Algorithm.SHA256.of(written.config);
            assertThat(oci.config(config).orElseThrow().bytes()).isEqualTo(written.config);
            for (SplitTar layer : written.layers) {
                try (LayerStream tar = oci.layer(layer.diffId()).orElseThrow()) {
                    assertThat(tar.readAllBytes()).isEqualTo(layer.bytes());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA256_4K", "SHA512_4K"})
    void metadata_whatCfsctlWrites_isWhatWeWrite(VerityAlgorithm algorithm) throws Exception {
        Path theirs = folder.resolve("theirs");
        ProgramRun.of(
                        folder,
                        Map.of(),
                        List.of(
                                cfsctl.toString(),
                                "init",
                                "--insecure",
                                "--algorithm",
                                algorithm.id(),
                                theirs.toString()))
                .succeeded();
        ObjectStore.open(repository(), algorithm).close();
        assertThat(repository().resolve("meta.json")).hasSameBinaryContentAs(theirs.resolve("meta.json"));
    }

    private static VerityDigest image(ObjectStore store, Staging staging) throws IOException {
        Directory root = new Directory(Metadata.ofRoot(0755));
        VerityDigest body = FsVerityDigester.of(store.algorithm(), BODY);
        root.put(
                ByteString.utf8("same"),
                new RegularFile(Metadata.ofRoot(0644), FileContent.External.of(BODY.length, body)));
        try (StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(root, FormatVersion.V1, file);
            StagedObject object = file.finish();
            return store.publishImage(object);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Written(
            Digest manifest, byte[] manifestJson, byte[] config, List<SplitTar> layers, VerityDigest image) {}
}
