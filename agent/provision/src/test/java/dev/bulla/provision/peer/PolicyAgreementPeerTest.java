package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.provision.LayoutWriter;
import dev.bulla.provision.cli.TenantCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.opentest4j.TestAbortedException;

/**
 * What skopeo signed with GPG, and cosign with a key, is judged by skopeo and by us, under the same policies: both let it
 * through or both refuse it.
 *
 * <p>Where ours is stricter on purpose there is a test that says so: a plain image that nothing signs needs the matrix, and
 * is compared under a policy that has it.
 */
@Tag("peer")
@Isolated("it runs the command line in this process")
class PolicyAgreementPeerTest {
    private static final int REFUSED_BY_POLICY = 3;

    @TempDir
    private static Path folder;

    private static DockerRegistry registry;
    private static Path gpg;
    private static Path skopeo;
    private static String keyA;
    private static String keyB;
    private static String digestOfA;
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
        gpg = Peers.find("gpg", "gnupg");
        skopeo = Peers.find("skopeo", "skopeo (of trixie)");
        Path cosign = Peers.find("cosign", "cosign (of trixie)");
        String version = ProgramRun.of(folder, Map.of(), List.of(skopeo.toString(), "--version"))
                .succeeded()
                .out();
        assumeTrue(!version.contains(" 1.9."), "skopeo is bookworm's, which has neither keyPaths nor sigstore");
        registry = DockerRegistry.startOpen(folder);
        Files.createDirectory(folder.resolve("gnupg"));
        keyA = gpgKey("a", "rsa2048");
        keyB = gpgKey("b", "ed25519");
        Path configuration = Files.createDirectory(folder.resolve("registries.d"));
        Files.writeString(
                configuration.resolve("default.yaml"),
                "default-docker:\n  lookaside: file://" + folder + "/sigs\n  use-sigstore-attachments: true\n");

        for (String name : List.of("a", "b", "both", "none", "cosigned")) {
            var _ = writeImage(name);
        }
        writeIndex(writeImage("list"));
        push("a", "a:1", keyA);
        push("b", "b:1", keyB);
        push("both", "both:1", keyA);
        skopeoCopy("docker://" + name("both:1"), "both:1", "--sign-by", keyB);
        skopeoCopy("oci:" + folder + "/layout:none", "none:1");
        skopeoCopy("docker://" + name("a:1"), "a:2");
        skopeoCopy("docker://" + name("a:1"), "copied:1");
        digestOfA = inspect("a:1");
        push("list", "list:instance", keyA);
        skopeoCopy("oci:" + folder + "/layout:index", "list:1", "--all");

        skopeoCopy("oci:" + folder + "/layout:cosigned", "cosigned:1");
        Map<String, String> signing = Map.of("COSIGN_PASSWORD", "", "HOME", folder.toString());
        for (String key : List.of("cosign", "stranger")) {
            run(signing, cosign.toString(), "generate-key-pair", "--output-key-prefix", key);
        }
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
                name("cosigned") + "@" + inspect("cosigned:1"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (registry != null) {
            registry.close();
        }
        if (gpg != null && Files.isDirectory(folder.resolve("gnupg"))) {
            ProgramRun.of(
                    folder,
                    Map.of(),
                    List.of("gpgconf", "--homedir", folder.resolve("gnupg").toString(), "--kill", "gpg-agent"));
        }
    }

    private static String name(String image) {
        return registry.host() + "/team/" + image;
    }

    private static String run(Map<String, String> environment, String... command) throws Exception {
        return ProgramRun.of(folder, environment, List.of(command)).succeeded().out();
    }

    /** Makes a key, exports it to {@code NAME.gpg} and gives its fingerprint. */
    private static String gpgKey(String name, String algorithm) throws Exception {
        String home = folder.resolve("gnupg").toString();
        String user = name + "@example.org";
        List<String> batch = List.of(gpg.toString(), "--homedir", home, "--batch", "--passphrase", "");
        List<String> generate = new ArrayList<>(batch);
        generate.addAll(List.of("--quick-generate-key", user, algorithm, "sign", "never"));
        ProgramRun.of(folder, Map.of(), generate).succeeded();
        List<String> export = new ArrayList<>(batch);
        export.addAll(List.of("--output", folder + "/" + name + ".gpg", "--export", user));
        ProgramRun.of(folder, Map.of(), export).succeeded();
        List<String> list = new ArrayList<>(batch);
        list.addAll(List.of("--with-colons", "--list-keys", user));
        return ProgramRun.of(folder, Map.of(), list)
                .succeeded()
                .out()
                .lines()
                .filter(line -> line.startsWith("fpr:"))
                .findFirst()
                .orElseThrow()
                .split(":", -1)[9];
    }

    private static void push(String image, String to, String key) throws Exception {
        skopeoCopy("oci:" + folder + "/layout:" + image, to, "--sign-by", key);
    }

    private static void skopeoCopy(String from, String to, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                skopeo.toString(),
                "--insecure-policy",
                "--registries.d",
                folder.resolve("registries.d").toString(),
                "copy",
                "--src-tls-verify=false",
                "--dest-tls-verify=false"));
        command.addAll(List.of(options));
        command.addAll(List.of(from, "docker://" + name(to)));
        ProgramRun.of(folder, Map.of("GNUPGHOME", folder.resolve("gnupg").toString()), command)
                .succeeded();
    }

    private static String inspect(String image) throws Exception {
        return run(
                        Map.of(),
                        skopeo.toString(),
                        "--insecure-policy",
                        "inspect",
                        "--tls-verify=false",
                        "--format",
                        "{{.Digest}}",
                        "docker://" + name(image))
                .strip();
    }

    /** An image of one layer without entries, whose configuration has its name, in the layout. */
    private static Descriptor writeImage(String name) throws IOException {
        byte[] tar = new byte[1024];
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(blob)) {
            gzip.write(tar);
        }
        try (LayoutWriter layout = LayoutWriter.open(folder.resolve("layout"))) {
            Descriptor layer = layout.putBytes("application/vnd.oci.image.layer.v1.tar+gzip", blob.toByteArray());
            Descriptor config = layout.putBytes(
                    MediaTypes.OCI_CONFIG,
                    utf8("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":[\"NAME=" + name
                            + "\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                            + Digest.Algorithm.SHA256.of(tar) + "\"]}}"));
            return layout.putManifest(
                    MediaTypes.OCI_MANIFEST,
                    utf8("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"config\":"
                            + json(config, "") + ",\"layers\":[" + json(layer, "") + "]}"),
                    Optional.of(name));
        }
    }

    private static void writeIndex(Descriptor instance) throws IOException {
        try (LayoutWriter layout = LayoutWriter.open(folder.resolve("layout"))) {
            layout.putManifest(
                    MediaTypes.OCI_INDEX,
                    utf8("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":["
                            + json(instance, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}") + "]}"),
                    Optional.of("index"));
        }
    }

    private static String json(Descriptor descriptor, String more) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":"
                + descriptor.size() + more + "}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // What is compared

    private static String signedBy(String key, String identity) {
        return "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"" + folder + "/" + key + ".gpg\""
                + (identity.isEmpty() ? "" : ",\"signedIdentity\":" + identity) + "}";
    }

    private static String sigstoreSigned(String keys, String identity) {
        return "{\"type\":\"sigstoreSigned\"," + keys + (identity.isEmpty() ? "" : ",\"signedIdentity\":" + identity)
                + "}";
    }

    private static String path(String key) {
        return "\"keyPath\":\"" + folder + "/" + key + ".pub\"";
    }

    private static String type(String type) {
        return "{\"type\":\"" + type + "\"}";
    }

    private static Map<String, String> requirements() throws IOException {
        String here = registry.host() + "/team/";
        String data = Base64.getEncoder().encodeToString(Files.readAllBytes(folder.resolve("a.gpg")));
        Map<String, String> lists = new LinkedHashMap<>();
        lists.put("by A", signedBy("a", ""));
        lists.put("by A, same repository", signedBy("a", type("matchRepository")));
        lists.put("by A, exactly", signedBy("a", type("matchExact")));
        lists.put(
                "by A, one repository",
                signedBy("a", "{\"type\":\"exactRepository\",\"dockerRepository\":\"" + here + "a\"}"));
        lists.put(
                "by A, one reference",
                signedBy("a", "{\"type\":\"exactReference\",\"dockerReference\":\"" + here + "a:1\"}"));
        lists.put(
                "by A, under another name",
                signedBy(
                        "a",
                        "{\"type\":\"remapIdentity\",\"prefix\":\"" + here + "copied\",\"signedPrefix\":\"" + here
                                + "a\"}"));
        lists.put("by B", signedBy("b", ""));
        lists.put("by A and B", signedBy("a", "") + "," + signedBy("b", ""));
        lists.put(
                "by A or B",
                "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[\"" + folder + "/b.gpg\",\"" + folder
                        + "/a.gpg\"]}");
        lists.put("by A, inline", "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"" + data + "\"}");
        lists.put("by A, and anything", signedBy("a", "") + "," + type("insecureAcceptAnything"));
        lists.put("by A, and nothing", signedBy("a", "") + "," + type("reject"));
        return lists;
    }

    @TestFactory
    Stream<DynamicTest> signedBy_everyListOnEveryImage_isDecidedAsSkopeoDecides() throws Exception {
        require();
        List<DynamicTest> tests = new ArrayList<>();
        for (Map.Entry<String, String> list : requirements().entrySet()) {
            for (String image :
                    List.of("a:1", "a:2", "a@" + digestOfA, "b:1", "both:1", "none:1", "copied:1", "list:1")) {
                tests.add(DynamicTest.dynamicTest(
                        image + " " + list.getKey(), () -> agree(image, defaultOf(list.getValue()))));
            }
        }
        assertThat(tests).hasSizeGreaterThanOrEqualTo(40);
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> scopes_everyOne_areChosenAsSkopeoChooses() throws Exception {
        require();
        String here = registry.host();
        String host = here.substring(0, here.indexOf(':'));
        List<DynamicTest> tests = new ArrayList<>();
        for (String scope : List.of(
                here + "/team/a:1",
                here + "/team/a@" + digestOfA,
                here + "/team/a",
                here + "/team",
                here,
                host,
                host + "/team",
                "*.0.0.1",
                "*.0.1",
                "*",
                "",
                here + "/tea",
                here + "/team/a/")) {
            for (String image : List.of("a:1", "a@" + digestOfA, "b:1")) {
                tests.add(DynamicTest.dynamicTest(
                        image + " under \"" + scope + "\"",
                        () -> agree(
                                image,
                                "{\"default\":[" + type("reject") + "],\"transports\":{\"docker\":{\"" + scope + "\":["
                                        + signedBy("a", type("matchRepository")) + "]}}}")));
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> sigstoreSigned_byCosign_isDecidedAsSkopeoDecides() throws Exception {
        require();
        String repository = type("matchRepository");
        String both = "\"keyPaths\":[\"" + folder + "/stranger.pub\",\"" + folder + "/cosign.pub\"]";
        List<String> lists = List.of(
                sigstoreSigned(path("cosign"), repository),
                sigstoreSigned(path("cosign"), ""),
                sigstoreSigned(path("cosign"), type("matchExact")),
                sigstoreSigned(path("stranger"), repository),
                sigstoreSigned(both, repository),
                sigstoreSigned(path("cosign"), repository) + "," + sigstoreSigned(path("stranger"), repository),
                sigstoreSigned(path("cosign"), repository) + "," + signedBy("a", ""));
        List<DynamicTest> tests = new ArrayList<>();
        for (String list : lists) {
            for (String image : List.of("cosigned:1", "a:1")) {
                tests.add(DynamicTest.dynamicTest(image + " " + list, () -> agree(image, defaultOf(list))));
            }
        }
        return tests.stream();
    }

    /** The comparison must see both outcomes, or it would compare nothing. */
    @Test
    void outcomes_knownOnes_areWhatTheyAre() throws Exception {
        require();
        assertThat(ours("a:1", defaultOf(signedBy("a", "")))).isZero();
        assertThat(ours("a:2", defaultOf(signedBy("a", "")))).isEqualTo(REFUSED_BY_POLICY);
        assertThat(ours("copied:1", defaultOf(signedBy("a", "")))).isEqualTo(REFUSED_BY_POLICY);
        assertThat(ours("none:1", defaultOf(signedBy("a", "")))).isEqualTo(REFUSED_BY_POLICY);
        assertThat(ours("cosigned:1", defaultOf(sigstoreSigned(path("cosign"), type("matchRepository")))))
                .isZero();
        assertThat(ours("cosigned:1", defaultOf(sigstoreSigned(path("stranger"), type("matchRepository")))))
                .isEqualTo(REFUSED_BY_POLICY);
    }

    /** Ours is stricter: what accepts anything does not make a plain image one that may run. */
    @Test
    void insecureAcceptAnything_plainUnsigned_needsTheMatrixToo() throws Exception {
        require();
        String anything = "\"default\":[" + type("insecureAcceptAnything") + "]";
        assertThat(skopeoAccepts("none:1", "{" + anything + "}")).isTrue();
        assertThat(ours("none:1", "{" + anything + "}")).isEqualTo(REFUSED_BY_POLICY);
        assertThat(ours(
                        "none:1",
                        "{" + anything
                                + ",\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}"))
                .isZero();
    }

    private static void require() {
        if (absent.isPresent()) {
            throw absent.get();
        }
    }

    private static String defaultOf(String requirements) {
        return "{\"default\":[" + requirements + "]}";
    }

    private static void agree(String image, String policy) throws Exception {
        boolean theirs = skopeoAccepts(image, policy);
        int code = ours(image, policy);
        assertThat(code)
                .as("%s under %s; skopeo accepts: %s", image, policy, theirs)
                .isIn(0, REFUSED_BY_POLICY);
        assertThat(code == 0).as("%s under %s", image, policy).isEqualTo(theirs);
    }

    private static Path write(String policy) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "policy", ".json"), policy);
    }

    private static boolean skopeoAccepts(String image, String policy) throws Exception {
        Path to = Files.createTempDirectory(folder, "copied");
        ProgramRun run = ProgramRun.of(
                folder,
                Map.of(),
                List.of(
                        skopeo.toString(),
                        "--policy",
                        write(policy).toString(),
                        "--registries.d",
                        folder.resolve("registries.d").toString(),
                        "--override-os",
                        "linux",
                        "--override-arch",
                        "amd64",
                        "copy",
                        "--src-tls-verify=false",
                        "docker://" + name(image),
                        "dir:" + to));
        if (run.exit() != 0) {
            // Refused by the policy, and not for some other reason.
            assertThat(run.err()).contains("Source image rejected");
        }
        return run.exit() == 0;
    }

    private static int ours(String image, String policy) throws IOException {
        return TenantCommand.run(
                "pull",
                name(image),
                "--policy",
                write(policy).toString(),
                "--registries-d",
                folder.resolve("registries.d").toString(),
                "--insecure-registry",
                registry.host(),
                "--platform",
                "linux/amd64",
                "--progress",
                "none",
                "--store",
                Files.createTempDirectory(folder, "store").toString());
    }
}
