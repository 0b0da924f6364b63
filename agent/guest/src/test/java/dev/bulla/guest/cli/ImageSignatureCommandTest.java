package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.DigestFile;
import dev.bulla.composefs.signature.DigestSigner;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.policy.ResourcePolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import picocli.CommandLine;

/** {@code fsverity} and {@code image-signature} of the guest's program. */
@Isolated("it looks at the process's own output")
class ImageSignatureCommandTest {
    private static final byte[] CONTENT = "an image\n".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    private Path image;
    private Path key;
    private VerityDigest digest;

    @BeforeEach
    void sign() throws Exception {
        image = Files.write(folder.resolve("image"), CONTENT);
        digest = FsVerityDigester.of(VerityAlgorithm.SHA512_4K, CONTENT);
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        key = writeKey("key.pem", pair);
        Files.write(folder.resolve("image.digest"), new DigestFile(digest).bytes());
        Files.write(folder.resolve("image.sig"), DigestSigner.sign(pair.getPrivate(), "key", digest));
    }

    private Path writeKey(String name, KeyPair pair) throws Exception {
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder().encodeToString(pair.getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
    }

    private static void assertRefused(CommandRun run, ExitCode code, String words) {
        assertThat(run.code()).as(run.err()).isEqualTo(code.code());
        assertThat(run.err()).contains(words).matches("bulla: .*\\n");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void digest_severalFiles_areThoseOfTheTool() throws Exception {
        Path hello = Files.writeString(folder.resolve("hello"), "hello world\n");
        String hex = "37061ef2ac4c21bec68489b56138c5780306a4ad7fe6676236ecdf2c9027cd92";
        CommandRun run = CommandRun.of("fsverity", "digest", hello + "", hello + "");
        assertThat(run.out()).isEqualTo(("sha256:" + hex + " " + hello + "\n").repeat(2));
        assertThat(CommandRun.of("fsverity", "digest", "--compact", hello + "").out())
                .isEqualTo(hex + "\n");
        assertThat(CommandRun.of("fsverity", "digest", "--compact", "--for-builtin-sig", hello + "")
                        .out())
                .isEqualTo("465356657269747901002000" + hex + "\n");
    }

    @Test
    void digest_sha512Of64K_isAnother() {
        VerityDigest expected = FsVerityDigester.of(VerityAlgorithm.SHA512_64K, CONTENT);
        assertThat(CommandRun.of(
                                "fsverity",
                                "digest",
                                "--hash-alg=sha512",
                                "--block-size=65536",
                                "--compact",
                                image + "")
                        .out())
                .isEqualTo(expected.hex() + "\n");
    }

    @Test
    void digest_whatIsNone_isRefused() {
        assertRefused(CommandRun.of("fsverity", "digest", "--hash-alg", "sha1", image + ""), ExitCode.USAGE, "sha1");
        assertRefused(CommandRun.of("fsverity", "digest", "--block-size", "1024", image + ""), ExitCode.USAGE, "1024");
        assertRefused(CommandRun.of("fsverity", "digest", folder + "/none"), ExitCode.STORE, "none");
        assertRefused(CommandRun.of("fsverity", "digest", folder + ""), ExitCode.STORE, "expected a regular file");
        assertRefused(CommandRun.of("fsverity"), ExitCode.USAGE, "no command");
    }

    @Test
    void fsveritySign_inTheGuest_isNoCommand() {
        assertRefused(CommandRun.of("fsverity", "sign", image + "", "x"), ExitCode.USAGE, "'sign'");
        assertRefused(CommandRun.of("image-signature", "sign", image + ""), ExitCode.USAGE, "'sign'");
    }

    @Test
    void verify_fileWithSignatureBesideIt_saysWhoseItIs() {
        CommandRun run = CommandRun.of("image-signature", "verify", "--signature-key", key + "", image + "");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("fsverity-sha512-12:" + digest + " signed by the key \"" + key);
    }

    @Test
    void verify_otherFile_isRefused() throws Exception {
        Files.writeString(image, "another");
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", key + "", image + ""),
                ExitCode.CONTENT,
                "expected one over the image");
    }

    @Test
    void verify_otherKey_isRefused() throws Exception {
        Path other =
                writeKey("other.pem", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", other + "", image + ""),
                ExitCode.CONTENT,
                "no Ed25519 signature");
    }

    @Test
    void verify_withoutAKey_isUsage() {
        assertRefused(CommandRun.of("image-signature", "verify", image + ""), ExitCode.USAGE, "--signature-key");
    }

    @Test
    void verify_keyThatIsNone_isRefused() throws Exception {
        Path rubbish = Files.writeString(folder.resolve("rubbish"), "x");
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", rubbish + "", image + ""),
                ExitCode.KEYS,
                "rubbish");
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", folder + "/none", image + ""),
                ExitCode.USAGE,
                "there is no such file");
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", "kbs:///a/b/c", image + ""),
                ExitCode.KEYS,
                "no KBS is named");
    }

    @Test
    void verify_keyOfAPolicy_isBelieved() throws Exception {
        Path policy = Files.writeString(
                folder.resolve("policy.json"),
                "{\"default\":[{\"type\":\"reject\"}],"
                        + "\"bulla\":{\"version\":1,\"imageSignatures\":{\"keyPath\":\"key.pem\"}}}");
        CommandRun run = CommandRun.of("image-signature", "verify", "--policy", policy + "", image + "");
        assertThat(run.code()).as(run.err()).isZero();
        Files.writeString(policy, "{\"default\":[{\"type\":\"reject\"}]}");
        assertRefused(
                CommandRun.of("image-signature", "verify", "--policy", policy + "", image + ""),
                ExitCode.USAGE,
                "--signature-key: got none");
    }

    @Test
    void verify_keyOfAPinnedKbs_isBelieved() throws Exception {
        ServerIdentity identity = ServerIdentity.make(folder);
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                .resource(ResourcePath.parse("default/image-key/1"), Files.readAllBytes(key))
                .resourcePolicy(ResourcePolicy.ALLOW)
                .tls(identity.certificatePem(), identity.keyPem())
                .start()) {
            String certificate = Files.write(folder.resolve("kbs.pem"), identity.certificatePem())
                    .toString();
            CommandRun run = verifyByKbs(kbs, "--kbs-cert", certificate);
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out()).contains("signed by the key \"kbs:///default/image-key/1\"");
        }
    }

    @Test
    void verify_keyOfAnUnpinnedKbs_isRefused() throws Exception {
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                .resource(ResourcePath.parse("default/image-key/1"), Files.readAllBytes(key))
                .resourcePolicy(ResourcePolicy.ALLOW)
                .start()) {
            assertRefused(verifyByKbs(kbs, "--insecure-kbs-http"), ExitCode.KEYS, "--kbs-cert");
            assertThat(kbs.attestations()).isZero();
        }
    }

    private CommandRun verifyByKbs(EmbeddedKbs kbs, String... trust) {
        List<String> words = new ArrayList<>(List.of("image-signature", "verify", "--tee", "sample"));
        words.addAll(List.of("--kbs", kbs.url().toString(), "--signature-key", "kbs:///default/image-key/1"));
        words.addAll(List.of(trust));
        words.add(image.toString());
        return CommandRun.of(words.toArray(String[]::new));
    }

    @Test
    void add_signedDigest_isFoundInTheStore() {
        String store = folder + "/store";
        CommandRun added = CommandRun.of(
                "image-signature",
                "add",
                "--store",
                store,
                "--signature-key",
                key + "",
                image + ".digest",
                image + ".sig");
        assertThat(added.code()).as(added.err()).isZero();
        CommandRun run =
                CommandRun.of("image-signature", "verify", "--store", store, "--signature-key", key + "", digest.hex());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo(added.out());
        assertRefused(
                CommandRun.of(
                        "image-signature", "verify", "--store", store, "--signature-key", key + "", "0".repeat(64)),
                ExitCode.CONTENT,
                "there is no file");
    }

    @Test
    void options_thatContradict_areUsage() {
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", key + "", "--signature", "x", image + ""),
                ExitCode.USAGE,
                "--digest-file");
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", key + "", "--raw-digest", image + ""),
                ExitCode.USAGE,
                "--raw-digest");
        assertRefused(
                CommandRun.of("image-signature", "verify", "--signature-key", key + "", folder + "/none"),
                ExitCode.CONTENT,
                "there is no file");
    }

    @Test
    void keys_ofTheMeasuredFolder_areTheOnlyOnes() throws Exception {
        Path measured = Files.createDirectory(folder.resolve("image-keys"));
        ImageKeyOptions options = new ImageKeyOptions();
        assertThat(options.read(folder.resolve("none")).keys()).isEmpty();
        assertKeysRefused(options, measured, ExitCode.KEYS);
        Files.copy(key, measured.resolve("a.pem"));
        Files.writeString(measured.resolve("README"), "not a key");
        assertThat(options.read(measured).keys().orElseThrow().keys()).hasSize(1);
        Path policy = Files.writeString(
                folder.resolve("policy.json"),
                "{\"default\":[{\"type\":\"reject\"}],"
                        + "\"bulla\":{\"version\":1,\"imageSignatures\":{\"keyPath\":\"key.pem\"}}}");
        CommandLine.populateCommand(options, "--policy", policy.toString());
        assertKeysRefused(options, measured, ExitCode.USAGE);
        CommandLine.populateCommand(options, "--signature-key", key.toString());
        assertKeysRefused(options, measured, ExitCode.USAGE);
        assertThat(options.read(folder.resolve("none")).keys().orElseThrow().keys())
                .hasSize(1);
    }

    @Test
    void keys_measuredFolderIsALinkToNothing_noneCanBeNamedBesideIt() throws Exception {
        Path measured = Files.createSymbolicLink(folder.resolve("image-keys"), folder.resolve("nothing"));
        ImageKeyOptions options = new ImageKeyOptions();
        CommandLine.populateCommand(options, "--signature-key", key + "");
        assertKeysRefused(options, measured, ExitCode.USAGE);
    }

    private static void assertKeysRefused(ImageKeyOptions options, Path measured, ExitCode code) {
        CommandException refused = catchThrowableOfType(CommandException.class, () -> options.read(measured));
        assertThat(refused).isNotNull();
        assertThat(refused.exitCode()).isEqualTo(code);
    }
}
