package dev.bulla.kbs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KbsConfigTest {
    private static final String MINIMAL = """
            [http_server]
            sockets = ["127.0.0.1:0"]
            insecure_http = true
            """;

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private static KbsConfig parse(String toml) throws KbsException {
        return KbsConfig.parse(toml.getBytes(StandardCharsets.UTF_8));
    }

    private static EmbeddedKbs start(KbsConfig config) throws KbsException {
        return config.toBuilder(InstantSource.system(), new SecureRandom()).start();
    }

    @Test
    void parse_aDeploymentsFile_starts() throws Exception {
        Path key = folder.resolve("kbs.pem");
        Files.writeString(
                key,
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getEncoder()
                                .encodeToString(KeyPairGenerator.getInstance("Ed25519")
                                        .generateKeyPair()
                                        .getPublic()
                                        .getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        KbsConfig config =
                parse("""
                session_storage_type = "memory"
                [http_server]
                sockets = ["127.0.0.1:0", "127.0.0.1:0"]
                insecure_http = true
                payload_request_size = 3
                worker_count = 4
                [attestation_token]
                extra_teekey_paths = ["/a"]
                [attestation_service]
                type = "coco_as_builtin"
                timeout = 7
                [attestation_service.attestation_token_broker]
                duration_min = 9
                issuer_name = "me"
                [attestation_service.rvps_config]
                type = "BuiltIn"
                [attestation_service.verifier_config.tpm_verifier]
                trusted_ak_keys_dir = "%s"
                max_trusted_ak_keys = 7
                [admin]
                authorization_mode = "AuthenticatedAuthorization"
                [admin.authentication.bearer_jwt]
                identity_providers = [{ issuer = "i", audience = "kbs", public_key_uri = "file://%s" }]
                [admin.authorization.regex_acl]
                acls = [{ role = "admin", allowed_endpoints = "^/kbs/.+$" }]
                [storage_backend]
                storage_type = "LocalFs"
                [storage_backend.backends.local_fs]
                dir_path = "%s"
                [[plugins]]
                name = "resource"
                storage_backend_type = "kvstorage"
                [bulla]
                insecure_accept_sample_evidence = true
                metrics = true
                error_mode = "distinct"
                [bulla.reference_values]
                svn = ["1"]
                [bulla.limits]
                sessions = 9
                """.formatted(Files.createDirectory(folder.resolve("keys")), key, folder.resolve("storage")));
        assertThat(config.acceptsSampleEvidence()).isTrue();
        assertThat(config.tpmKeys())
                .hasValueSatisfying(keys -> assertThat(keys.most()).isEqualTo(7));
        assertThat(config.notes())
                .anyMatch(note -> note.startsWith("http_server.insecure_http"))
                .anyMatch(note -> note.startsWith("http_server.worker_count"))
                .anyMatch(note -> note.startsWith("bulla.insecure_accept_sample_evidence"));
        try (EmbeddedKbs kbs = start(config)) {
            assertThat(kbs.urls()).hasSize(2).doesNotHaveDuplicates();
        }
        assertThat(folder.resolve("storage").resolve("repository")).isDirectory();
    }

    @Test
    void parse_minimal_deniesAllAndSaysSo() throws Exception {
        KbsConfig config = parse(MINIMAL);
        assertThat(config.notes())
                .contains("[admin] is absent: nobody administers (DenyAll)")
                .contains("[[plugins]] has no \"resource\": no resources are served");
        assertThat(config.acceptsSampleEvidence()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "other = 1|unknown key \"other\"",
                "session_storage_type = \"redis\"|$.session_storage_type: got \"redis\"",
                "[attestation_service]\\ntype = \"coco_as_grpc\"|$.attestation_service.type: got \"coco_as_grpc\"",
                "[attestation_service]\\ntype = \"intel_ta\"|coco_as_builtin",
                "[attestation_service]\\ntype = \"coco_as_builtin\"\\n[attestation_service.rvps_config]\\ntype = \"GrpcRemote\"|BuiltIn",
                "[attestation_service]\\ntype = \"coco_as_builtin\"\\ntimeout = 0|$.attestation_service.timeout: got 0",
                "[admin]\\nauthorization_mode = \"Simple\"|$.admin.authorization_mode: got \"Simple\"",
                "[admin]\\ntype = \"DenyAll\"|$.admin: unknown key \"type\"",
                "[admin]\\nauthorization_mode = \"AuthenticatedAuthorization\"|\"authentication\" is missing",
                "[storage_backend]\\nstorage_type = \"LocalJson\"|got \"LocalJson\", which is not supported",
                "[storage_backend]\\nstorage_type = \"Postgres\"|got \"Postgres\", which is not supported",
                "[[plugins]]\\nname = \"external\"|got \"external\", which is not supported",
                "[[plugins]]\\nname = \"resource\"\\nstorage_backend_type = \"Vault\"|got \"Vault\"",
                "[attestation_token]\\ntrusted_jwk_sets = [\"https://example.com\"]|only files",
                "[bulla]\\nerror_mode = \"kind\"|$.bulla.error_mode",
                "[bulla]\\nresource_policy = \"perhaps\"|expected allow, deny or affirming",
                "[bulla.limits]\\nsessions = 0|$.bulla.limits.sessions: got 0",
                "[bulla]\\nmetrics = \"yes\"|expected a boolean",
            })
    void parse_whatIsNotSupported_refusedByName(String addition, String reason) {
        String text = addition.replace("\\n", "\n");
        String toml = text.startsWith("[") ? MINIMAL + text : text + "\n" + MINIMAL;
        assertThatThrownBy(() -> parse(toml))
                .isInstanceOf(KbsException.class)
                .hasMessageStartingWith("KBS configuration: ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "|\"http_server\" is missing",
                "[http_server]|\"certificate\" and \"private_key\" are needed",
                "[http_server]\\ninsecure_http = true\\nsockets = [\"localhost:1\"]|expected ADDRESS:PORT",
                "[http_server]\\ninsecure_http = true\\nsockets = [\"127.0.0.1:65536\"]|expected ADDRESS:PORT",
                "[http_server]\\ninsecure_http = true\\ntls_ciphers = \"x\"|unknown key \"tls_ciphers\"",
                "[http_server]\\ninsecure_http = true\\ntls_profile = \"old\"|got \"old\", which is not supported",
                "[http_server]\\ninsecure_http = true\\npayload_request_size = 65|from 1 to 64",
                "[http_server|not TOML",
            })
    void parse_httpServer_refusedByName(String toml, String reason) {
        assertThatThrownBy(() -> parse(toml == null ? "" : toml.replace("\\n", "\n")))
                .isInstanceOf(KbsException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void start_olderResourceFolder_servesWhatIsThere() throws Exception {
        Path older = folder.resolve("older");
        try (EmbeddedKbs kbs = start(parse(
                MINIMAL + "[[plugins]]\nname = \"resource\"\ntype = \"LocalFs\"\ndir_path = \"" + older + "\"\n"))) {
            kbs.putResource(ResourcePath.parse("a/b/c"), new byte[] {1});
        }
        assertThat(older.resolve("a").resolve("b").resolve("c")).exists();
    }

    @Test
    void start_keyFileOfAnotherLength_refused() throws Exception {
        Path key = folder.resolve("key");
        Files.write(key, new byte[31]);
        KbsConfig config = parse(MINIMAL + "[bulla]\nstorage_key_file = \"" + key + "\"\n");
        assertThatThrownBy(() -> config.toBuilder(InstantSource.system(), new SecureRandom()))
                .isInstanceOf(KbsException.class)
                .hasMessageContaining("31 bytes, expected a key of 32");
    }
}
