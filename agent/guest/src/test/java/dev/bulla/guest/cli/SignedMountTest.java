package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.DigestFile;
import dev.bulla.composefs.signature.DigestSigner;
import dev.bulla.guest.TestLayout;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Mounts where a signature is required: real ones, with the needs of {@link MountCommandTest}. */
@Isolated("it looks at the process's own output")
class SignedMountTest {
    private static final String ACCEPT_PLAIN = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";
    private static final String CONTENT = "A".repeat(5000);

    @TempDir
    Path folder;

    private Path memory;
    private Path store;
    private Path target;
    private String image;
    private VerityDigest digest;
    private KeyPair pair;
    private Path key;

    @BeforeAll
    static void requireTheKernel() throws Exception {
        MountCommandTest.requireTheKernel();
    }

    @BeforeEach
    void pull() throws Exception {
        memory = Files.createTempDirectory(Path.of("/dev/shm"), "bulla-test");
        store = memory.resolve("store");
        target = Files.createDirectory(folder.resolve("rootfs"));
        TestLayout layout = new TestLayout(folder.resolve("layout"));
        layout.image("v1", List.of(layout.layer("file", CONTENT)));
        image = "oci:" + layout.folder() + ":v1";
        Path policy = Files.writeString(folder.resolve("policy.json"), ACCEPT_PLAIN);
        CommandRun run = CommandRun.of("pull", image, "--store", store + "", "--policy", policy + "");
        assertThat(run.code()).as(run.err()).isZero();
        try (Stream<Path> images = Files.list(store.resolve("images"))) {
            digest = images.map(path -> path.getFileName().toString())
                    .filter(name -> name.length() == 64)
                    .map(hex -> new VerityDigest(VerityAlgorithm.SHA256_4K, hex))
                    .findAny()
                    .orElseThrow();
        }
        pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        key = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder().encodeToString(pair.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n",
                StandardCharsets.US_ASCII);
    }

    @AfterEach
    void delete() throws IOException {
        String table = Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
        assertThat(table).doesNotContain(target.toString());
        try (Stream<Path> all = Files.walk(memory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void sign(VerityDigest signed) throws Exception {
        Files.write(folder.resolve("digest"), new DigestFile(signed).bytes());
        Files.write(folder.resolve("sig"), DigestSigner.sign(pair.getPrivate(), "key", signed));
    }

    private void keepSignature() throws Exception {
        sign(digest);
        CommandRun run = CommandRun.of(
                "image-signature",
                "add",
                "--store",
                store + "",
                "--signature-key",
                key + "",
                folder + "/digest",
                folder + "/sig");
        assertThat(run.code()).as(run.err()).isZero();
    }

    private CommandRun mount(String what, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "mount", "--store", store + "", "--output", "json", "--signature-key", key + "", what, target + ""));
        all.addAll(Arrays.asList(more));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private void assertMounted(CommandRun run, String voucher) throws Exception {
        assertThat(run.code()).as(run.err()).isZero();
        try {
            JsonCursor.Members json = JsonCursor.parse(run.out().strip()).object();
            assertThat(json.required("vouchedBy").string()).isEqualTo(voucher);
            assertThat(json.optional("signedBy").isPresent()).isEqualTo(voucher.equals("signature"));
            assertThat(target.resolve("file")).hasContent(CONTENT);
        } finally {
            assertThat(CommandRun.of("umount", target + "").code()).isZero();
        }
    }

    private void assertRefused(CommandRun run, String words) {
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.CONTENT.code());
        assertThat(run.err()).contains(words).matches("bulla: .*\\n");
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void mount_signedDigestInTheStore_saysWhoSigned() throws Exception {
        keepSignature();
        assertMounted(mount(digest.hex()), "signature");
        assertMounted(mount(image), "signature");
    }

    @Test
    void mount_signedDigestFromFiles_saysWhoSigned() throws Exception {
        sign(digest);
        assertMounted(
                mount(digest.hex(), "--digest-file", folder + "/digest", "--signature", folder + "/sig"), "signature");
    }

    @Test
    void mount_withoutASignature_refused() {
        assertRefused(mount(digest.hex()), "expected a signed digest of the image");
        assertRefused(mount(image), "expected a signed digest of the image");
    }

    @Test
    void mount_signatureChangedSinceTheLastMount_refused() throws Exception {
        keepSignature();
        assertMounted(mount(digest.hex()), "signature");
        Path file = store.resolve("signatures").resolve(digest.hex() + ".sig");
        byte[] signature = Files.readAllBytes(file);
        signature[5] ^= 1;
        Files.write(file, signature);
        assertRefused(mount(digest.hex()), "no Ed25519 signature of the key");
    }

    @Test
    void mount_signedDigestOfAnotherImage_refused() throws Exception {
        sign(new VerityDigest(VerityAlgorithm.SHA256_4K, "0".repeat(64)));
        assertRefused(
                mount(digest.hex(), "--digest-file", folder + "/digest", "--signature", folder + "/sig"),
                "expected one over the image");
    }

    @Test
    void mount_unverified_looksAtAnUnsignedImage() throws Exception {
        assertMounted(mount(digest.hex(), "--read-only", "--unverified"), "nobody");
    }
}
