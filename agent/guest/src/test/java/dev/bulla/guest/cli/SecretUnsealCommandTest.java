package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.client.secret.SealedSecret;
import dev.bulla.attestation.client.secret.SecretPayload;
import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** {@code bulla secret unseal} against a KBS. */
@Isolated("it looks at the process's own output")
class SecretUnsealCommandTest {
    private static final JsonObject NONE = JsonObject.builder().build();
    private static final String SECRET = "super-secret-value-42";

    @TempDir
    static Path shared;

    private static String certificate;

    @TempDir
    Path folder;

    private static KeyPair key;
    private static EmbeddedKbs kbs;

    @BeforeAll
    static void startKbs() throws Exception {
        ServerIdentity identity = ServerIdentity.make(shared);
        certificate = Files.write(shared.resolve("kbs.pem"), identity.certificatePem())
                .toString();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        key = generator.generateKeyPair();
        kbs = EmbeddedKbs.builder()
                .tls(identity.certificatePem(), identity.keyPem())
                .resource(ResourcePath.parse("default/secret/one"), SECRET.getBytes(StandardCharsets.UTF_8))
                .resource(ResourcePath.parse("default/signing-key/one"), jwk())
                .resourcePolicy(ResourcePolicy.ALLOW)
                .start();
    }

    @AfterAll
    static void stopKbs() {
        kbs.close();
    }

    private static byte[] jwk() {
        TeePublicKey.Ec point = TeePublicKey.Ec.of(EcCurve.P256, (ECPublicKey) key.getPublic());
        return JsonWriter.compact(JsonObject.builder()
                        .put("kty", "EC")
                        .put("crv", "P-256")
                        .put("x", point.x())
                        .put("y", point.y())
                        .build())
                .getBytes(StandardCharsets.UTF_8);
    }

    private String sealed(String kid, String name, String provider) throws Exception {
        SealedSecret.Unsigned unsigned = SealedSecret.of(new SecretPayload.Vault(name, provider, NONE, NONE), kid);
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(key.getPrivate());
        signer.update(unsigned.signingInput());
        return Files.writeString(folder.resolve("sealed.txt"), unsigned.signed(signer.sign()) + "\n")
                .toString();
    }

    private CommandRun unseal(String file, String... more) {
        List<String> args = new ArrayList<>(
                List.of("secret", "unseal", file, "--kbs", kbs.url().toString(), "--tee", "sample"));
        args.addAll(Arrays.asList(more));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private void assertRefused(CommandRun run, ExitCode code, String... words) {
        assertThat(run.code()).as(run.err()).isEqualTo(code.code());
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).matches("bulla: .*\\n").doesNotContain(SECRET);
        assertThat(Arrays.asList(words))
                .allSatisfy(word -> assertThat(run.err()).contains(word));
    }

    @Test
    void unseal_keyOfTheKbs_isTheSecretAndNothingElse() throws Exception {
        int before = kbs.attestations();
        CommandRun run = unseal(
                sealed("kbs:///default/signing-key/one", "kbs:///default/secret/one", "kbs"),
                "--kbs-cert",
                certificate);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo(SECRET);
        assertThat(kbs.attestations()).isEqualTo(before + 1);
    }

    @Test
    void unseal_keyInAFolderOrNamed_isTheSecret() throws Exception {
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Path file = Files.write(keys.resolve("test-key"), jwk());
        String sealed = sealed("test-key", "kbs:///default/secret/one", "kbs");
        for (Path named : List.of(keys, file)) {
            assertThat(unseal(sealed, "--kbs-cert", certificate, "--key", named.toString())
                            .out())
                    .isEqualTo(SECRET);
        }
    }

    @Test
    void unseal_standardInputToANewFile_isTheOwners() throws Exception {
        String sealed =
                Files.readString(Path.of(sealed("kbs:///default/signing-key/one", "kbs:///default/secret/one", "kbs")));
        Path out = folder.resolve("secret");
        InputStream in = System.in;
        try {
            System.setIn(new ByteArrayInputStream(sealed.getBytes(StandardCharsets.US_ASCII)));
            CommandRun run = unseal("-", "--kbs-cert", certificate, "--out", out.toString());
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.out()).isEmpty();
        } finally {
            System.setIn(in);
        }
        assertThat(out).hasContent(SECRET);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
                .isEqualTo("rw-------");
        CommandRun again =
                unseal(folder.resolve("sealed.txt").toString(), "--kbs-cert", certificate, "--out", out.toString());
        assertRefused(again, ExitCode.STORE, "there already");
    }

    @Test
    void unseal_unpinnedKbs_isRefused() throws Exception {
        String sealed = sealed("kbs:///default/signing-key/one", "kbs:///default/secret/one", "kbs");
        assertRefused(unseal(sealed), ExitCode.KEYS, "pinned");
    }

    @Test
    void unseal_signatureOfAnotherKey_isRefusedUnlessSkippedByName() throws Exception {
        String sealed = sealed("kbs:///default/signing-key/one", "kbs:///default/secret/one", "kbs");
        String text = Files.readString(Path.of(sealed)).strip();
        Files.writeString(Path.of(sealed), text.substring(0, text.lastIndexOf('.') + 1) + "A".repeat(86));
        assertRefused(unseal(sealed, "--kbs-cert", certificate), ExitCode.CONTENT, "the signature is not that of");
        assertThat(unseal(sealed, "--kbs-cert", certificate, "--insecure-skip-sealed-secret-verification")
                        .out())
                .isEqualTo(SECRET);
    }

    @Test
    void unseal_refusals_haveTheirExitCodes() throws Exception {
        String kid = "kbs:///default/signing-key/one";
        assertRefused(
                unseal(sealed(kid, "xxx", "aliyun"), "--kbs-cert", certificate),
                ExitCode.KEYS,
                "\"aliyun\" for a vault");
        assertRefused(
                unseal(sealed(kid, "kbs:///default/secret/none", "kbs"), "--kbs-cert", certificate),
                ExitCode.KEYS,
                "kbs:///default/secret/none");
        assertRefused(
                unseal(
                        sealed("absent", "kbs:///default/secret/one", "kbs"),
                        "--kbs-cert",
                        certificate,
                        "--key",
                        folder.toString()),
                ExitCode.KEYS,
                "kid \"absent\"");
        Path none = Files.writeString(folder.resolve("none"), "sealed.a.b");
        assertRefused(unseal(none.toString(), "--kbs-cert", certificate), ExitCode.CONTENT, "three parts");
        assertRefused(CommandRun.of("secret"), ExitCode.USAGE);
        assertRefused(CommandRun.of("secret", "unseal"), ExitCode.USAGE);
        assertRefused(CommandRun.of("secret", "unseal", folder.resolve("absent").toString()), ExitCode.STORE);
    }
}
