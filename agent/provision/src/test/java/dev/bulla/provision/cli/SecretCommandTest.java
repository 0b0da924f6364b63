package dev.bulla.provision.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.client.secret.KbsKeyKms;
import dev.bulla.attestation.client.secret.SealedSecret;
import dev.bulla.attestation.client.secret.SecretKeys;
import dev.bulla.attestation.client.secret.SecretPayload;
import dev.bulla.attestation.client.secret.Unsealer;
import dev.bulla.attestation.client.secret.VerificationJwk;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonCursor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tenant seals, the guest opens. */
class SecretCommandTest {
    private static final byte[] SECRET = "super-secret-value-42".getBytes(StandardCharsets.UTF_8);
    private static final String RESOURCE = "kbs:///default/sealed-secret/test";
    private static final String KEK = "kbs:///default/kek/1";

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private Path out = Path.of("set before each test");

    @BeforeEach
    void makeKey() throws Exception {
        out = folder.resolve("sealed");
        assertThat(ToolRun.of("secret", "keygen", "--kid", "e2e", "--output-dir", folder.toString()))
                .isZero();
        Files.write(folder.resolve("kek"), new byte[32]);
        Files.write(folder.resolve("plaintext"), SECRET);
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private byte[] unseal(String key) throws Exception {
        Map<String, byte[]> kbs = Map.of(RESOURCE, SECRET, KEK, new byte[32]);
        ResourceSource resources = (uri, limit) -> {
            byte[] bytes = kbs.get(uri.toString());
            if (bytes == null) {
                throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there is none");
            }
            return bytes.clone();
        };
        SecretKeys keys = SecretKeys.only(VerificationJwk.parse(Files.readAllBytes(folder.resolve(key)), key));
        return Unsealer.verifying(keys, resources, List.of(new KbsKeyKms(resources)))
                .unseal(Files.readString(out).strip());
    }

    @Test
    void keygen_files_areOneKey() throws Exception {
        JsonCursor.Members privateJwk = JsonCursor.parse(Files.readAllBytes(folder.resolve("e2e-private.json")))
                .object();
        JsonCursor.Members publicJwk = JsonCursor.parse(Files.readAllBytes(folder.resolve("e2e-public.json")))
                .object();
        assertThat(privateJwk.names()).containsExactlyInAnyOrder("kty", "crv", "alg", "use", "kid", "d", "x", "y");
        assertThat(publicJwk.names()).containsExactlyInAnyOrder("kty", "crv", "alg", "use", "kid", "x", "y");
        for (String member : publicJwk.names()) {
            assertThat(publicJwk.required(member).string())
                    .isEqualTo(privateJwk.required(member).string());
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("e2e-private.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void keygen_fileThatIsThere_isNotWrittenOver() throws Exception {
        byte[] before = Files.readAllBytes(folder.resolve("e2e-private.json"));
        assertThat(ToolRun.of("secret", "keygen", "--kid", "e2e", "--output-dir", folder.toString()))
                .isEqualTo(7);
        assertThat(folder.resolve("e2e-private.json")).hasBinaryContent(before);
        Files.delete(folder.resolve("e2e-private.json"));
        assertThat(ToolRun.of("secret", "keygen", "--kid", "e2e", "--output-dir", folder.toString()))
                .isEqualTo(7);
        assertThat(folder.resolve("e2e-private.json")).doesNotExist();
        assertThat(ToolRun.of("secret", "keygen", "--kid", "../x", "--output-dir", folder.toString()))
                .isEqualTo(2);
    }

    /** In the order of guest-components' tool, by its words. */
    @Test
    void seal_vault_isOpened() throws Exception {
        assertThat(ToolRun.of(
                        "secret",
                        "seal",
                        "--signing-kid",
                        "e2e",
                        "--signing-jwk-path",
                        file("e2e-private.json"),
                        "--out",
                        out.toString(),
                        "vault",
                        "--resource-uri",
                        RESOURCE,
                        "--provider",
                        "kbs"))
                .isZero();
        assertThat(SealedSecret.parse(Files.readString(out).strip()).kid()).isEqualTo("e2e");
        assertThat(unseal("e2e-public.json")).isEqualTo(SECRET);
        assertThat(unseal("e2e-private.json")).isEqualTo(SECRET);
    }

    @Test
    void seal_vaultOfAnotherProvider_saysWhatItWasGiven() throws Exception {
        assertThat(ToolRun.of(
                        "secret",
                        "seal",
                        "vault",
                        "--signing-key",
                        file("e2e-private.json"),
                        "--kid",
                        "e2e",
                        "--out",
                        out.toString(),
                        "-r",
                        "xxx",
                        "-p",
                        "aliyun",
                        "--provider-settings",
                        "{\"a\":1}",
                        "--annotations",
                        "{\"b\":[]}"))
                .isZero();
        SecretPayload payload =
                SealedSecret.parse(Files.readString(out).strip()).insecureUnverifiedPayload();
        assertThat(payload.provider()).isEqualTo("aliyun");
        assertThat(payload.providerSettings().get("a")).isPresent();
        assertThat(payload.annotations().get("b")).isPresent();
    }

    private int envelope(String... more) {
        String[] words = {
            "secret",
            "seal",
            "envelope",
            "--signing-key",
            file("e2e-private.json"),
            "--kid",
            "kbs:///default/signing-key/1",
            "--out",
            out.toString(),
            "--key-id",
            KEK,
            "--key",
            file("kek"),
            "--file-path",
            file("plaintext")
        };
        String[] all = Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return ToolRun.of(all);
    }

    @Test
    void seal_envelope_isOpened() throws Exception {
        assertThat(envelope()).isZero();
        String first = Files.readString(out);
        assertThat(unseal("e2e-public.json")).isEqualTo(SECRET);
        assertThat(envelope()).isZero();
        assertThat(Files.readString(out)).isNotEqualTo(first);
        assertThat(new String(Base64.getUrlDecoder().decode(first.strip().split("\\.", -1)[2]), StandardCharsets.UTF_8))
                .doesNotContain("super-secret");
    }

    @Test
    void seal_pemKey_isOpened() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        var pair = generator.generateKeyPair();
        Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(pair.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        assertThat(ToolRun.of(
                        "secret",
                        "seal",
                        "vault",
                        "--signing-key",
                        file("key.pem"),
                        "--kid",
                        "k",
                        "--out",
                        out.toString(),
                        "-r",
                        RESOURCE))
                .isZero();
        assertThat(SealedSecret.parse(Files.readString(out).strip()).verify(pair.getPublic()))
                .isInstanceOf(SecretPayload.Vault.class);
        generator.initialize(384);
        Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        assertThat(ToolRun.of(
                        "secret", "seal", "vault", "--signing-key", file("key.pem"), "--kid", "k", "-r", RESOURCE))
                .isEqualTo(2);
    }

    @Test
    void seal_wrongWords_isUsage() throws Exception {
        String key = file("e2e-private.json");
        assertThat(ToolRun.of("secret", "seal")).isEqualTo(2);
        assertThat(ToolRun.of("secret", "seal", "vault", "-r", RESOURCE)).isEqualTo(2);
        assertThat(ToolRun.of("secret", "seal", "vault", "--signing-key", key, "-r", RESOURCE))
                .isEqualTo(2);
        assertThat(ToolRun.of("secret", "seal", "vault", "--signing-key", key, "--kid", "k"))
                .isEqualTo(2);
        assertThat(ToolRun.of("secret", "seal", "vault", "--signing-key", key, "--kid", "k", "-r", "xxx"))
                .isEqualTo(2);
        assertThat(ToolRun.of(
                        "secret", "seal", "vault", "--signing-key", key, "--kid", "k", "-r", RESOURCE, "-a", "[]"))
                .isEqualTo(2);
        assertThat(ToolRun.of(
                        "secret",
                        "seal",
                        "vault",
                        "--signing-key",
                        file("e2e-public.json"),
                        "--kid",
                        "k",
                        "-r",
                        RESOURCE))
                .isEqualTo(2);
        assertThat(ToolRun.of("secret", "seal", "vault", "--signing-key", file("kek"), "--kid", "k", "-r", RESOURCE))
                .isEqualTo(2);
        Files.write(folder.resolve("kek"), new byte[31]);
        assertThat(envelope()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void seal_privatePartOfAnotherKey_isRefused() throws Exception {
        assertThat(ToolRun.of("secret", "keygen", "--kid", "other", "--output-dir", folder.toString()))
                .isZero();
        String other = JsonCursor.parse(Files.readAllBytes(folder.resolve("other-private.json")))
                .object()
                .required("d")
                .string();
        Path mixed = folder.resolve("mixed.json");
        Files.writeString(
                mixed,
                Files.readString(folder.resolve("e2e-private.json"))
                        .replaceFirst("\"d\": \"[^\"]*\"", "\"d\": \"" + other + "\""));
        assertThat(ToolRun.of(
                        "secret", "seal", "vault", "--signing-key", mixed.toString(), "--kid", "k", "-r", RESOURCE))
                .isEqualTo(2);
    }

    @Test
    void seal_envelopeTooLarge_isRefused() throws Exception {
        Files.write(folder.resolve("plaintext"), new byte[Unsealer.MAX_SECRET + 1]);
        assertThat(envelope()).isEqualTo(6);
        assertThat(out).doesNotExist();
    }
}
