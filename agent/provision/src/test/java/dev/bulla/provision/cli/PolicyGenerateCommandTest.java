package dev.bulla.provision.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.policy.Policy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** {@code bulla policy generate}. */
@Isolated("it looks at the process's own output")
class PolicyGenerateCommandTest {
    private record Run(int code, String out, String err) {}

    @TempDir
    Path folder;

    private String key = "";
    private String other = "";

    @BeforeEach
    void writeKeys() throws Exception {
        key = pem("cosign.pub");
        other = pem("other.pub");
    }

    private String pem(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        String text = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(generator.generateKeyPair().getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static Run run(String... words) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            return new Run(
                    Main.run(words),
                    outBytes.toString(StandardCharsets.UTF_8),
                    errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static Run generate(String... words) {
        String[] all = new String[words.length + 2];
        all[0] = "policy";
        all[1] = "generate";
        System.arraycopy(words, 0, all, 2, words.length);
        return run(all);
    }

    private void assertSound(Run generated) throws Exception {
        assertThat(generated.code()).as(generated.err()).isZero();
        assertThat(Policy.parse(generated.out().getBytes(StandardCharsets.UTF_8), "test")
                        .origin())
                .isEqualTo("test");
        String file = Files.writeString(folder.resolve("policy.json"), generated.out())
                .toString();
        Run lint = run("policy", "lint", file);
        assertThat(lint.code()).as(lint.out()).isZero();
        assertThat(lint.out()).contains("0 errors, 0 warnings");
        assertThat(generated.out()).doesNotContain("\"bulla\""); // other tools read it too
    }

    @Test
    void generate_ofAKey_putsItIntoThePolicy() throws Exception {
        Run run = generate("--key", key, "--registry", "example.com/app");
        assertSound(run);
        assertThat(run.out())
                .contains(Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(key))), "matchRepository")
                .startsWith("{\n  \"default\": [\n    {\n      \"type\": \"reject\"");
        assertThat(run.err()).contains("bulla policy lint FILE", "explain FILE example.com/app:latest");
    }

    @Test
    void generate_ofTwoKeysAndTwoRegistries_namesAll() throws Exception {
        Run run = generate(
                "--key",
                key,
                "--key",
                other,
                "--registry",
                "example.com/app",
                "--registry",
                "*.example.org",
                "--registry",
                "example.com/app",
                "--default",
                "signed");
        assertSound(run);
        assertThat(run.out()).contains("keyDatas", "\"*.example.org\"").doesNotContain("reject");
    }

    @Test
    void generate_byPathAndByKbs_namesThem() throws Exception {
        Run byPath = generate("--by-path", "--key", key, "--key", "kbs:///a/b/c", "--registry", "example.com");
        assertSound(byPath);
        assertThat(byPath.out()).contains("keyPaths", "\"kbs:///a/b/c\"");
        Run byKbs = generate("--gpg", "kbs:///a/b/ring", "--key", key, "--registry", "example.com");
        assertSound(byKbs);
        assertThat(byKbs.out()).contains("\"keyPath\": \"kbs:///a/b/ring\"", "GPGKeys", "keyData");
        assertThat(byKbs.err()).contains("an image needs both signatures");
    }

    private static void assertUsage(Run run, String words) {
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(words);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void generate_ofWhatLintWouldObjectTo_isUsage() throws Exception {
        assertUsage(generate("--key", key, "--registry", "https://example.com"), "write \"example.com\"");
        assertUsage(generate("--key", key, "--registry", "busybox"), "docker.io/library/busybox");
        String broken =
                Files.writeString(folder.resolve("broken.pub"), "no key").toString();
        assertUsage(generate("--key", broken, "--registry", "example.com"), "no key that verifies");
        assertUsage(generate("--gpg", key, "--registry", "example.com"), "holds no OpenPGP keys");
    }

    @Test
    void generate_withoutWhatItNeeds_isUsage() {
        assertUsage(generate("--registry", "example.com"), "expected --key or --gpg");
        assertUsage(generate("--key", key), "--registry");
        assertUsage(generate("--key", key, "--registry", "example.com", "--default", "accept"), "--default");
        assertUsage(generate("--key", folder.resolve("gone").toString(), "--registry", "a.b"), "there is no such file");
        assertUsage(
                generate("--key", key, "--key", "kbs:///a/b/c", "--registry", "a.b"), "name the files with --by-path");
        assertUsage(generate("--gpg", key, "--gpg", other, "--registry", "a.b"), "one key ring goes into a policy");
    }
}
