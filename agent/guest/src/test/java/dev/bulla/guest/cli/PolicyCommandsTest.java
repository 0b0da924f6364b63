package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bulla policy …}. */
@Isolated("it looks at the process's own output")
class PolicyCommandsTest {
    private static final String APP = "example.com/app:1";

    @TempDir
    Path folder;

    private TrialFiles files;
    private String policy = "";
    private String layout = "";
    private String signed = "";

    @BeforeEach
    void writeFiles() throws Exception {
        files = new TrialFiles(folder.resolve("layout"));
        signed = files.image("signed", false);
        files.sign(signed, "example.com/app");
        files.image("unsigned", false);
        files.image("encrypted", true);
        layout = folder.resolve("layout").toString();
        Files.writeString(folder.resolve("cosign.pub"), files.publicPem());
        policy = write("policy.json", """
                {"default": [{"type": "reject"}],
                 "transports": {
                   "docker": {
                     "example.com/app": [{"type": "sigstoreSigned", "keyPath": "cosign.pub",
                                          "signedIdentity": {"type": "matchRepository"}}],
                     "example.com/any": [{"type": "insecureAcceptAnything"}]},
                   "oci": {"": [{"type": "insecureAcceptAnything"}]}}}
                """);
    }

    private String write(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private CommandRun eval(String... words) {
        String[] all = new String[words.length + 3];
        System.arraycopy(new String[] {"policy", "eval", policy}, 0, all, 0, 3);
        System.arraycopy(words, 0, all, 3, words.length);
        return CommandRun.of(all);
    }

    private static void assertUsage(CommandRun run, String words) {
        assertThat(run.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains(words);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void lint_withWarnings_exits3AndSaysThem() {
        CommandRun run = CommandRun.of("policy", "lint", policy);
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out())
                .contains("warning: $.transports.oci[\"\"][0]", "warning: $.bulla.matrix.encryptedUnsigned")
                .endsWith("0 errors, 2 warnings, 4 notes\n");
    }

    @Test
    void lint_withoutWarnings_exits0() throws Exception {
        String good = write("good.json", "{\"default\":[{\"type\":\"reject\"}]}");
        assertThat(CommandRun.of("policy", "lint", good))
                .isEqualTo(new CommandRun(0, "0 errors, 0 warnings, 0 notes\n", ""));
    }

    @Test
    void lint_ofNoPolicy_exits3WithTheError() throws Exception {
        String bad = write("bad.json", "{\"default\":[]}");
        CommandRun run = CommandRun.of("policy", "lint", "--output", "json", bad);
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out())
                .startsWith("{\"findings\":[{\"severity\":\"error\",\"path\":\"$.default\",\"what\":\"the list of")
                .endsWith("\"errors\":1,\"warnings\":0,\"notes\":0}\n");
    }

    @Test
    void lint_ofAFileThatIsNotThere_isUsage() {
        assertUsage(CommandRun.of("policy", "lint", folder.resolve("gone.json").toString()), "there is no such file");
    }

    @Test
    void policy_withoutACommand_isUsage() {
        assertUsage(CommandRun.of("policy"), "no command is named");
    }

    @Test
    void explain_ofAnImage_saysWhichScopeDecides() {
        CommandRun run = CommandRun.of("policy", "explain", policy, "docker://" + APP);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("\"docker:example.com/app\": decides", "a sigstore signature by a key of \"cosign.pub\"");
    }

    @Test
    void explain_inJson_isOneObject() {
        CommandRun run = CommandRun.of("policy", "explain", "--output", "json", policy, "oci:" + layout);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("{\"image\":\"oci:")
                .contains("\"scope\":\"oci:\",")
                .endsWith("}\n");
    }

    @Test
    void explain_ofNoImage_isUsage() {
        assertUsage(CommandRun.of("policy", "explain", policy, "EXAMPLE"), "image reference");
    }

    @Test
    void eval_ofASignedImage_accepts() {
        CommandRun run = eval(APP, "--oci", layout + ":signed");
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).startsWith("accept: \"example.com/app:1\"").contains("unencryptedSigned: allow");
    }

    @Test
    void eval_ofAnUnsignedImage_rejects() {
        CommandRun run = eval(APP, "--oci", layout + ":unsigned", "--output", "json");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out()).startsWith("{\"decision\":\"reject\"").contains("the image has no sigstore signature");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void eval_underAnotherName_rejectsByIdentity() {
        CommandRun run = eval("example.com/app/other:1", "--oci", layout + ":signed");
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out()).contains("reject (identity)");
    }

    @Test
    void eval_ofAnotherDigestThanTheName_isRefused() {
        CommandRun run = eval("example.com/app@sha256:" + "a".repeat(64), "--oci", layout + ":signed");
        assertThat(run.code()).isEqualTo(ExitCode.CONTENT.code());
        assertThat(run.err()).contains("the image there has the manifest " + TrialFiles.digest(signed));
        assertThat(eval("example.com/app@" + TrialFiles.digest(signed), "--oci", layout + ":signed")
                        .code())
                .isZero();
    }

    @Test
    void eval_ofALayoutByItsOwnName_needsNoOption() {
        CommandRun run = eval("oci:" + layout + ":unsigned");
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out()).contains("scope: \"oci:\"", "unencryptedUnsigned: deny");
    }

    @Test
    void eval_ofManifestAndSignature_accepts() throws Exception {
        String manifest = write("manifest.json", signed);
        String signature = write("signature-1", files.signatureBlob(signed, "example.com/app"));
        CommandRun run = eval(APP, "--manifest", manifest, "--signature", signature);
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(eval(APP, "--manifest", manifest).code()).isEqualTo(ExitCode.POLICY.code());
    }

    @Test
    void eval_ofAnIndexAsManifest_isRefused() {
        CommandRun run =
                eval(APP, "--manifest", folder.resolve("layout/index.json").toString());
        assertThat(run.code()).isEqualTo(ExitCode.CONTENT.code());
        assertThat(run.err()).contains("an index, expected the manifest");
    }

    @Test
    void eval_ofAFileThatIsNoSignature_isRefused() throws Exception {
        String manifest = write("manifest.json", signed);
        CommandRun run = eval(APP, "--manifest", manifest, "--signature", write("text", "hello"));
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.err()).contains("neither OpenPGP, sigstore-json");
    }

    @Test
    void eval_ofAnEncryptedImage_isPendingUntilWrapsAreAssumed() {
        String[] image = {"example.com/any:1", "--oci", layout + ":encrypted"};
        CommandRun pending = eval(image);
        assertThat(pending.code()).as(pending.err()).isEqualTo(ExitCode.POLICY.code());
        assertThat(pending.out())
                .startsWith("pending: accepted if the layers' keys are opened by one of kbs, refused if by one of"
                        + " unpinned-kbs, jwe, pkcs7, pgp, pkcs11;")
                .contains("encryptedUnsigned: allow", "unencryptedUnsigned: deny");
        assertThat(eval(image[0], image[1], image[2], "--assume-wraps", "kbs").code())
                .isZero();
        assertThat(eval(image[0], image[1], image[2], "--assume-wraps", "provider:own")
                        .code())
                .isZero();
        assertThat(eval(image[0], image[1], image[2], "--assume-wraps", "jwe").code())
                .isEqualTo(ExitCode.POLICY.code());
        assertThat(eval(image[0], image[1], image[2], "--assume-wraps", "unpinned-kbs")
                        .code())
                .isEqualTo(ExitCode.POLICY.code());
        assertThat(eval(image[0], image[1], image[2], "--output", "json").out())
                .startsWith("{\"decision\":\"pending\"")
                .contains("\"byWraps\":{\"kbs\":{\"decision\":\"accept\"", "\"jwe\":{\"decision\":\"reject\"");
        assertUsage(eval(image[0], image[1], image[2], "--assume-wraps", "rsa"), "--assume-wraps: expected kbs");
    }

    /** Whatever wraps a policy names, they are tried: none of its images is refused for want of a guess. */
    @ParameterizedTest
    @CsvSource({"pgp, pgp", "jwe, jwe", "provider:other, provider:other"})
    void eval_ofAnEncryptedImageUnderNamedWraps_triesThem(String named, String accepted) throws Exception {
        String file = write(
                "wraps.json",
                "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"bulla\":{\"version\":1,\"matrix\":"
                        + "{\"encryptedUnsigned\":{\"allow\":true,\"wraps\":[\"" + named + "\"]}}}}");
        CommandRun run = CommandRun.of("policy", "eval", file, "example.com/any:1", "--oci", layout + ":encrypted");
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out())
                .startsWith("pending: accepted if the layers' keys are opened by one of " + accepted + ", refused if");
        String cases = "[{\"image\":\"example.com/any:1\",\"layers\":\"encrypted\",\"expect\":\"reject\"}]";
        assertThat(CommandRun.of("policy", "test", file, write("wraps-cases.json", cases))
                        .code())
                .isEqualTo(ExitCode.POLICY.code());
    }

    @Test
    void test_ofAKeyThatIsNotThere_isNotJudged() throws Exception {
        String file = write(
                "gone.json",
                "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"gone.pub\","
                        + "\"signedIdentity\":{\"type\":\"matchRepository\"}}]}");
        String cases = "[{\"image\":\"example.com/app:1\",\"oci\":\"layout:signed\",\"expect\":\"reject\"}]";
        CommandRun run = CommandRun.of("policy", "test", file, write("gone-cases.json", cases));
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out()).contains("not judged: sigstoreSigned: the key is not to be had");
    }

    @Test
    void eval_withoutOrWithTwoPlaces_isUsage() {
        assertUsage(eval(APP), "expected one of --oci, --manifest and --network, got 0");
        assertUsage(eval(APP, "--oci", layout, "--network"), "got 2");
        assertUsage(eval(APP, "--signature", policy), "--signature goes with --manifest");
        assertUsage(eval(APP, "--oci", layout, "--authfile", policy), "go with --network");
    }

    @Test
    void eval_withNetwork_asksTheRegistry() {
        CommandRun run = eval("127.0.0.1:1/app:1", "--network", "--insecure-registry", "127.0.0.1:1");
        assertThat(run.code()).isEqualTo(ExitCode.REGISTRY.code());
    }

    private static final String CASES = """
            [{"name": "ours", "image": "example.com/app:1", "oci": "layout:signed", "expect": "accept",
              "scope": "docker:example.com/app", "cell": "unencryptedSigned"},
             {"name": "stripped", "image": "example.com/app:1", "oci": "layout:unsigned", "expect": "reject"},
             {"name": "foreign", "image": "example.org/app:1", "layers": "encrypted", "expect": "reject",
              "scope": "default"},
             {"name": "by file", "image": "example.com/app:1", "manifest": "m", "signatures": ["s"], "expect": "accept"},
             {"name": "open", "image": "example.com/any:1", "layers": "mixed", "expect": "reject"},
             {"name": "kept", "image": "example.com/any:1", "layers": "encrypted", "wraps": "kbs", "expect": "accept",
              "cell": "encryptedUnsigned"},
             {"name": "unknown", "image": "example.com/any:1", "layers": "encrypted", "expect": "pending"}]
            """;

    private CommandRun test(String cases, String... words) throws Exception {
        String file = write("cases.json", cases);
        return words.length == 0
                ? CommandRun.of("policy", "test", policy, file)
                : CommandRun.of("policy", "test", "--output", "json", policy, file);
    }

    @Test
    void test_ofATableThatAgrees_exits0() throws Exception {
        write("m", signed);
        write("s", files.signatureBlob(signed, "example.com/app"));
        CommandRun run = test(CASES);
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("agrees:  ours: accept by docker:example.com/app\n")
                .endsWith("7 cases, 7 as expected, 0 not\n");
    }

    @Test
    void test_ofATableThatDiffers_exits3AndSaysWhere() throws Exception {
        CommandRun run = test("""
                [{"image": "example.com/app:1", "oci": "layout:signed", "expect": "reject"},
                 {"image": "example.com/app:2", "oci": "layout:signed", "expect": "accept", "scope": "default"},
                 {"image": "example.com/app:3", "oci": "layout:signed", "expect": "accept", "cell": "encryptedSigned"},
                 {"image": "example.com/app:4", "oci": "layout:gone", "expect": "reject"},
                 {"image": "example.org/app:5", "layers": "plain", "expect": "reject", "cell": "encryptedSigned"}]
                """);
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out())
                .contains(
                        "differs: case 1, example.com/app:1: expected reject, got accept: signed by key",
                        "case 2, example.com/app:2: expected the scope \"default\", got \"docker:example.com/app\"",
                        "case 3, example.com/app:3: expected the cell encryptedSigned, got unencryptedSigned",
                        "case 4, example.com/app:4: not judged: ",
                        "case 5, example.org/app:5: expected the cell encryptedSigned, got none")
                .endsWith("5 cases, 0 as expected, 5 not\n");
    }

    @Test
    void test_inJson_countsBoth() throws Exception {
        CommandRun run = test(
                "[{\"image\":\"busybox\",\"layers\":\"plain\",\"expect\":\"reject\"},"
                        + "{\"image\":\"example.com/app\",\"oci\":\"gone\",\"expect\":\"reject\"}]",
                "json");
        assertThat(run.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out())
                .startsWith("{\"cases\":[{\"name\":\"case 1, docker.io/library/busybox:latest\",")
                .contains("\"got\":\"error\",\"agrees\":false")
                .endsWith("\"agree\":1,\"differ\":1}\n");
    }

    @Test
    void test_ofATableThatIsNone_isUsage() throws Exception {
        assertUsage(test("[]"), "got 0 cases");
        assertUsage(test("[{\"image\":\"busybox\",\"expect\":\"reject\"}]"), "expected one of oci, manifest");
        assertUsage(
                test("[{\"image\":\"busybox\",\"layers\":\"plain\",\"expect\":\"reject\",\"signedby\":\"x\"}]"),
                "unknown key \"signedby\"");
        assertUsage(
                test("[{\"image\":\"busybox\",\"layers\":\"plain\",\"expect\":\"maybe\"}]"), "expected one of accept");
        assertUsage(
                test("[{\"image\":\"busybox\",\"layers\":\"thick\",\"expect\":\"reject\"}]"),
                "expected plain, encrypted");
        assertUsage(
                test("[{\"image\":\"busybox\",\"layers\":\"plain\",\"signatures\":[],\"expect\":\"reject\"}]"),
                "signatures go with manifest");
        assertUsage(
                test("[{\"name\":\"a\",\"image\":\"busybox\",\"layers\":\"plain\",\"expect\":\"reject\"},"
                        + "{\"name\":\"a\",\"image\":\"busybox\",\"layers\":\"plain\",\"expect\":\"reject\"}]"),
                "two cases are called");
        assertUsage(test("[{\"image\":\"Busybox:\",\"layers\":\"plain\",\"expect\":\"reject\"}]"), "image reference");
    }

    @Test
    void eval_withAKeyOfAKbsThatIsNotNamed_rejects() throws Exception {
        policy = write("kbs.json", """
                {"default": [{"type": "sigstoreSigned", "keyPath": "kbs:///default/key/one",
                              "signedIdentity": {"type": "matchRepository"}}]}
                """);
        CommandRun run = eval(APP, "--oci", layout + ":signed");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.POLICY.code());
        assertThat(run.out()).contains("no KBS is named");
        String offline = write(
                "resources.json",
                "{\"default/key/one\":\""
                        + Base64.getEncoder().encodeToString(files.publicPem().getBytes(StandardCharsets.US_ASCII))
                        + "\"}");
        CommandRun with = eval(APP, "--oci", layout + ":signed", "--offline-fs-kbc", offline);
        assertThat(with.code()).as(with.out() + with.err()).isZero();
    }
}
