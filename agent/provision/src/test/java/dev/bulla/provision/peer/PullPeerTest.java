package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.linux.Identity;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * The whole way with the programs of others on its other side: an image that umoci made, skopeo pushed and encrypted and
 * cosign signed, in Debian's docker-registry, is pulled and sealed, and holds what umoci unpacks of the plain image.
 */
@Tag("peer")
class PullPeerTest {
    private static final String GUEST = "dev.bulla.guest.cli.Main";

    /** The store lies in memory: plaintext of an encrypted layer goes nowhere else. */
    private static final Path MEMORY = Path.of("/dev/shm");

    @TempDir
    private static Path folder;

    private static DockerRegistry registry;
    private static Path authFile;
    private static String encrypted;
    private static RootTree expected;

    private Path store;

    /** Why there is nothing to test with; kept so that every test is skipped by name, and not the class in silence. */
    private static Optional<TestAbortedException> absent = Optional.empty();

    @BeforeAll
    static void makeIfPossible() throws Exception {
        try {
            make();
        } catch (TestAbortedException e) {
            absent = Optional.of(e);
        }
    }

    private static void make() throws Exception {
        assumeTrue(
                Identity.effectiveUser() == 0, "root is needed: owners, devices and capabilities of an unpacked image");
        assumeTrue(Files.isDirectory(MEMORY), "/dev/shm is absent");
        Path umoci = Peers.find("umoci", "umoci");
        Path skopeo = Peers.find("skopeo", "skopeo");
        Path cosign = Peers.find("cosign", "cosign (of trixie)");
        Path openssl = Peers.find("openssl", "openssl");
        Path setfattr = Peers.find("setfattr", "attr");
        assertThat(setfattr).isExecutable();
        registry = DockerRegistry.start(folder);
        authFile = registry.authFile(DockerRegistry.PASSWORD);
        expected = RootTree.ofFolder(image(umoci));

        run(Map.of(), openssl.toString(), "genrsa", "-out", "layers.pem", "2048");
        run(Map.of(), openssl.toString(), "rsa", "-in", "layers.pem", "-pubout", "-out", "layers.pub.pem");
        run(Map.of(), openssl.toString(), "genrsa", "-out", "other.pem", "2048");
        copy(skopeo, "oci:layout:plain", docker("plain"));
        copy(skopeo, "--encryption-key", "jwe:layers.pub.pem", "oci:layout:plain", docker("encrypted"));
        encrypted = run(
                        Map.of(),
                        skopeo.toString(),
                        "--insecure-policy",
                        "inspect",
                        "--tls-verify=false",
                        "--authfile",
                        authFile.toString(),
                        "--format",
                        "{{.Digest}}",
                        docker("encrypted"))
                .strip();

        Map<String, String> signing = Map.of(
                "COSIGN_PASSWORD",
                "of the key",
                "DOCKER_CONFIG",
                Objects.requireNonNull(authFile.getParent()).toString(),
                "HOME",
                folder.toString());
        run(signing, cosign.toString(), "generate-key-pair");
        run(
                signing,
                cosign.toString(),
                "sign",
                "--yes",
                "--key",
                "cosign.key",
                "--tlog-upload=false",
                "--allow-http-registry",
                "--allow-insecure-registry",
                repository() + "@" + encrypted);
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    @BeforeEach
    void makeStore() throws IOException {
        if (absent.isPresent()) {
            throw absent.get();
        }
        store = Files.createTempDirectory(MEMORY, "bulla-peer");
    }

    @AfterEach
    void removeStore() throws IOException {
        if (absent.isEmpty()) {
            delete(store);
        }
    }

    /** What is compared below has something of everything. */
    @Test
    void image_unpackedByUmoci_hasSomethingOfEverything() {
        Map<String, RootTree.Entry> tree = expected.entries();
        assertThat(tree.values()).extracting(RootTree.Entry::type).contains("file", "folder", "link", "character");
        assertThat(tree)
                .doesNotContainKeys("/etc/goodbye", "/etc/disk", "/etc/fifo", "/opaque/old", "/dir/sub/old")
                .containsKeys("/data/grüße 中", "/opaque/new", "/dangling/inside", "/" + "0".repeat(200));
        assertThat(entry("/bin/tool").permissions()).isEqualTo("4755");
        assertThat(entry("/bin/tool").names()).containsExactly("/bin/same-tool", "/bin/tool");
        assertThat(entry("/data/large").names()).containsExactly("/data/large", "/data/same-large");
        assertThat(entry("/data/64-bytes").owner()).isEqualTo("4294967294:100000");
        assertThat(entry("/data/65-bytes").xattrs()).containsOnlyKeys("security.capability");
        assertThat(entry("/etc/hello").xattrs()).containsOnlyKeys("user.note");
        assertThat(entry("/etc/null").content()).isEqualTo("1:3");
        assertThat(entry("/bin/relative").content()).isEqualTo("../etc/hello");
        assertThat(entry("/dir/sub/new").modified()).isEqualTo("1321009871.987654321");
        assertThat(entry("/dir/sub/new").xattrs()).containsOnly(Map.entry("user.bytes", "000a3dff"));
        assertThat(entry("/" + "0".repeat(200)).modified()).startsWith("-");
    }

    private static RootTree.Entry entry(String path) {
        return Objects.requireNonNull(expected.entries().get(path), path);
    }

    @Test
    void pull_encryptedAndSigned_holdsWhatUmociUnpacks() throws Exception {
        JsonCursor.Members result = JsonCursor.parse(pull("encrypted", policy("cosign.pub"), "layers.pem")
                        .succeeded()
                        .out())
                .object();
        assertThat(result.required("manifestDigest").string()).isEqualTo(encrypted);
        assertThat(result.required("policy").object().required("decision").string())
                .isEqualTo("accept");
        assertThat(result.required("layers").array())
                .hasSize(3)
                .allSatisfy(layer ->
                        assertThat(layer.object().required("encrypted").bool()).isTrue());

        Path image = image(result);
        RootTree pulled = RootTree.ofImage(image, store.resolve("objects"));
        assertThat(pulled.entries()).containsExactlyEntriesOf(expected.entries());

        Path fsck = Peers.find("fsck.erofs", "erofs-utils");
        ProgramRun.of(folder, Map.of(), List.of(fsck.toString(), image.toString()))
                .succeeded();
    }

    @Test
    void pull_byDigest_isTheSame() throws Exception {
        ProgramRun run =
                pull("@" + encrypted, policy("cosign.pub"), "layers.pem").succeeded();
        JsonCursor.Members result = JsonCursor.parse(run.out()).object();
        assertThat(RootTree.ofImage(image(result), store.resolve("objects")).entries())
                .isEqualTo(expected.entries());
    }

    @Test
    void pull_withBundle_mountsTheSame() throws Exception {
        for (String fileSystem : List.of("erofs", "overlay")) {
            assumeTrue(
                    Files.readString(Path.of("/proc/filesystems")).lines().anyMatch(l -> l.endsWith("\t" + fileSystem)),
                    "the kernel has no " + fileSystem);
        }
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "the kernel has no loop devices");
        Path bundle = Files.createDirectory(folder.resolve("bundle"));
        Path root = bundle.resolve("rootfs");
        try {
            pull("encrypted", policy("cosign.pub"), "layers.pem", "--bundle", bundle.toString())
                    .succeeded();
            assertThat(RootTree.ofFolder(root).entries()).containsExactlyEntriesOf(expected.entries());
        } finally {
            ProgramRun.of(
                    folder, Map.of(), List.of(Peers.find("umount", "mount").toString(), root.toString()));
        }
    }

    @Test
    void pull_unsigned_isRefusedAndLeavesNothing() throws Exception {
        refused(pull("plain", policy("cosign.pub"), "layers.pem").ended(3));
    }

    @Test
    void pull_signedByAnotherKey_isRefusedAndLeavesNothing() throws Exception {
        run(Map.of(), "openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "stranger.pem");
        run(Map.of(), "openssl", "ec", "-in", "stranger.pem", "-pubout", "-out", "stranger.pub");
        refused(pull("encrypted", policy("stranger.pub"), "layers.pem").ended(3));
    }

    @Test
    void pull_withoutTheLayersKey_isRefusedAndLeavesNothing() throws Exception {
        refused(pull("encrypted", policy("cosign.pub"), "other.pem").ended(5));
    }

    @Test
    void pull_wrongPassword_isRefusedByTheRegistry() throws Exception {
        Path wrong = registry.authFile("wrong");
        ProgramRun run = guest(
                "pull",
                repository() + ":encrypted",
                "--policy",
                policy("cosign.pub").toString(),
                "--authfile",
                wrong.toString(),
                "--insecure-registry",
                registry.host());
        refused(run.ended(4));
        assertThat(run.err()).doesNotContain("wrong");
    }

    @Test
    void pull_registryNotNamedAsInsecure_isRefused() throws Exception {
        refused(guest(
                        "pull",
                        repository() + ":encrypted",
                        "--policy",
                        policy("cosign.pub").toString(),
                        "--authfile",
                        authFile.toString())
                .ended(4));
    }

    @Test
    void pull_flippedByteInALayer_isRefusedAndLeavesNothing() throws Exception {
        ProgramRun manifest = ProgramRun.of(
                        folder,
                        Map.of(),
                        List.of(
                                Peers.find("skopeo", "skopeo").toString(),
                                "--insecure-policy",
                                "inspect",
                                "--raw",
                                "--tls-verify=false",
                                "--authfile",
                                authFile.toString(),
                                docker("encrypted")))
                .succeeded();
        Digest layer = Digest.parse(JsonCursor.parse(manifest.out())
                .object()
                .required("layers")
                .array()
                .getFirst()
                .object()
                .required("digest")
                .string());
        Path blob = folder.resolve("data/docker/registry/v2/blobs/sha256")
                .resolve(layer.hex().substring(0, 2))
                .resolve(layer.hex())
                .resolve("data");
        byte[] right = Files.readAllBytes(blob);
        byte[] wrong = right.clone();
        wrong[wrong.length - 1] ^= 1;
        try {
            Files.write(blob, wrong);
            refused(pull("encrypted", policy("cosign.pub"), "layers.pem").ended(6));
        } finally {
            Files.write(blob, right);
        }
    }

    /** Nothing was said on the standard output, one line on the other beside the progress, and nothing is visible. */
    private void refused(ProgramRun run) throws IOException {
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).doesNotContain("\tat ").doesNotContain("Exception");
        for (String visible : List.of("objects", "images")) {
            Path part = store.resolve(visible);
            if (Files.exists(part)) {
                try (Stream<Path> files = Files.walk(part)) {
                    assertThat(files.filter(file -> !Files.isDirectory(file))).isEmpty();
                }
            }
        }
    }

    private ProgramRun pull(String image, Path policy, String key, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "pull",
                repository() + (image.startsWith("@") ? image : ":" + image),
                "--policy",
                policy.toString(),
                "--authfile",
                authFile.toString(),
                "--decryption-key",
                folder.resolve(key).toString(),
                "--insecure-registry",
                registry.host(),
                "--output",
                "json",
                "--progress",
                "none"));
        arguments.addAll(List.of(more));
        return guest(arguments.toArray(String[]::new));
    }

    private ProgramRun guest(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--store", store.toString()));
        return ProgramRun.ofMain(GUEST, folder, all);
    }

    private Path image(JsonCursor.Members result) throws Exception {
        return store.resolve("images")
                .resolve(
                        result.required("composefs").object().required("digest").string());
    }

    private static Path policy(String key) throws IOException {
        return Files.writeString(
                folder.resolve("policy-" + key + ".json"), """
                {"default": [{"type": "reject"}],
                 "transports": {"docker": {"%s": [{"type": "sigstoreSigned", "keyPath": "%s",
                   "signedIdentity": {"type": "matchRepository"}}]}}}
                """.formatted(registry.host(), folder.resolve(key)));
    }

    private static String repository() {
        return registry.host() + "/team/app";
    }

    private static String docker(String tag) {
        return "docker://" + repository() + ":" + tag;
    }

    /** Makes the image, and gives the root file system that umoci unpacks. */
    private static Path image(Path umoci) throws Exception {
        try (InputStream script =
                Objects.requireNonNull(PullPeerTest.class.getResourceAsStream("make-image.sh"), "make-image.sh")) {
            Files.copy(script, folder.resolve("make-image.sh"));
        }
        run(Map.of(), "/bin/sh", "make-image.sh", umoci.toString());
        return folder.resolve("expected/rootfs");
    }

    private static void copy(Path skopeo, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                skopeo.toString(),
                "--insecure-policy",
                "copy",
                "--dest-tls-verify=false",
                "--authfile",
                authFile.toString()));
        command.addAll(List.of(arguments));
        run(Map.of(), command.toArray(String[]::new));
    }

    private static String run(Map<String, String> environment, String... command) throws Exception {
        return ProgramRun.of(folder, environment, List.of(command)).succeeded().out();
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
