package dev.bulla.provision.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.kbs.audit.AuditFile;
import dev.bulla.kbs.audit.AuditHead;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.provision.LayoutWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands by their exit codes. */
class CommandLineTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    @BeforeEach
    void writeImage() throws Exception {
        try (LayoutWriter layout = LayoutWriter.open(folder.resolve("plain"))) {
            byte[] tar = new byte[1024];
            String layer = layout.putBytes("application/vnd.oci.image.layer.v1.tar", tar)
                    .digest()
                    .toString();
            byte[] configBytes = ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                            + "\"diff_ids\":[\"" + Digest.Algorithm.SHA256.of(tar) + "\"]}}")
                    .getBytes(StandardCharsets.UTF_8);
            String config =
                    layout.putBytes(MediaTypes.OCI_CONFIG, configBytes).digest().toString();
            String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST
                    + "\",\"config\":{\"mediaType\":\"" + MediaTypes.OCI_CONFIG + "\",\"digest\":\"" + config
                    + "\",\"size\":" + configBytes.length
                    + "},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + layer
                    + "\",\"size\":1024}]}";
            layout.putManifest(MediaTypes.OCI_MANIFEST, manifest.getBytes(StandardCharsets.UTF_8), Optional.of("t"));
        }
        Files.write(folder.resolve("key"), new byte[32]);
    }

    private int run(String... words) {
        String[] filled = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            filled[i] = words[i].replace("DIR", folder.toString());
        }
        return Main.run(filled);
    }

    private int encrypt(String from, String to) {
        return run(
                "encrypt",
                "--encryption-key",
                "provider:attestation-agent:keyid=kbs:///a/b/c::keypath=DIR/key",
                from,
                to);
    }

    @Test
    void encrypt_layout_isDone() {
        assertThat(encrypt("oci:DIR/plain:t", "oci:DIR/encrypted:e")).isZero();
        assertThat(folder.resolve("encrypted").resolve("index.json")).exists();
    }

    @Test
    void encrypt_whatIsEncrypted_isContentRefused() {
        assertThat(encrypt("oci:DIR/plain:t", "oci:DIR/encrypted:e")).isZero();
        assertThat(encrypt("oci:DIR/encrypted:e", "oci:DIR/twice:e")).isEqualTo(6);
    }

    @Test
    void encrypt_wrongWords_isUsage() {
        assertThat(run("encrypt", "oci:DIR/plain:t", "oci:DIR/x:y")).isEqualTo(2);
        assertThat(encrypt("DIR/plain", "oci:DIR/x")).isEqualTo(2);
        assertThat(run("encrypt", "--encryption-key", "jwe:DIR/none", "oci:DIR/plain:t", "oci:DIR/x:y"))
                .isEqualTo(2);
    }

    @Test
    void encrypt_sourceThatIsNotThere_isNotFound() {
        assertThat(encrypt("oci:DIR/none:t", "oci:DIR/x:y")).isEqualTo(4);
        assertThat(encrypt("oci:DIR/plain:none", "oci:DIR/x:y")).isEqualTo(4);
    }

    @Test
    void sign_layout_needsIdentityAndMakesAKeyOnce() throws Exception {
        assertThat(run("sign", "--generate-key", "--key", "DIR/k", "oci:DIR/plain:t"))
                .isEqualTo(2);
        assertThat(folder.resolve("k")).doesNotExist();
        assertThat(run("sign", "--generate-key", "--key", "DIR/k", "--identity", "a.example/b:c", "oci:DIR/plain:t"))
                .isZero();
        assertThat(Files.readString(folder.resolve("k.pub"))).startsWith("-----BEGIN PUBLIC KEY-----");
        assertThat(run("sign", "--generate-key", "--key", "DIR/k", "--identity", "a.example/b:c", "oci:DIR/plain:t"))
                .isEqualTo(7);
        assertThat(run("sign", "--key", "DIR/k", "--identity", "a.example/b:c", "oci:DIR/plain:t"))
                .isZero();
        assertThat(run("sign", "--key", "DIR/key", "--identity", "a.example/b:c", "oci:DIR/plain:t"))
                .isEqualTo(2);
    }

    @Test
    void sign_newKeyWherePublicKeyStands_leavesNoPrivateKey() throws Exception {
        Files.writeString(folder.resolve("n.pub"), "mine");
        assertThat(run("sign", "--generate-key", "--key", "DIR/n", "--identity", "a.example/b:c", "oci:DIR/plain:t"))
                .isEqualTo(7);
        assertThat(folder.resolve("n")).doesNotExist();
        assertThat(Files.readString(folder.resolve("n.pub"))).isEqualTo("mine");
    }

    @Test
    void push_wrongDestination_isUsage() {
        assertThat(run("push", "oci:DIR/plain:t", "oci:DIR/x:y")).isEqualTo(2);
        assertThat(run("push", "oci:DIR/plain:t", "docker://UPPER")).isEqualTo(2);
    }

    @Test
    void push_nobodyListens_isARegistryFailure() {
        assertThat(run("push", "--insecure-registry", "127.0.0.1:1", "oci:DIR/plain:t", "docker://127.0.0.1:1/a:b"))
                .isEqualTo(4);
    }

    @Test
    void kbsServe_wrongWords_isUsage() {
        assertThat(run("kbs")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--listen", "nowhere")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--listen", "0.0.0.0:0")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--tls-cert", "DIR/key")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--cert-out", "DIR/key")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--resource", "a/b/c")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--resource", "a/b=DIR/key")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--resource-policy", "perhaps")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--self-signed", "--tls-cert", "DIR/key", "--tls-key", "DIR/key"))
                .isEqualTo(2);
    }

    @Test
    void kbsServe_configuration_refusedByName() throws Exception {
        Files.writeString(folder.resolve("kbs.toml"), "[http_server]\ninsecure_http = true\nother = 1\n");
        assertThat(run("kbs", "serve", "--config", "DIR/kbs.toml")).isEqualTo(2);
        assertThat(run("kbs", "serve", "--config", "DIR/kbs.toml", "--self-signed"))
                .isEqualTo(2);
    }

    @Test
    void kbsAudit_log_isVerified() throws Exception {
        Path log = folder.resolve("audit");
        try (AuditFile file = AuditFile.open(log, false)) {
            file.append(JsonObject.builder().put("n", 1).build());
        }
        String last = AuditHead.verify(log).hash();
        assertThat(run("kbs", "audit", "verify", "DIR/audit")).isZero();
        assertThat(run("kbs", "audit", "verify", "--expect-last", last, "DIR/audit"))
                .isZero();
        assertThat(run("kbs", "audit", "verify", "--expect-last", "0".repeat(64), "DIR/audit"))
                .isNotZero();
        Files.writeString(log, "{}\n");
        assertThat(run("kbs", "audit", "verify", "DIR/audit")).isEqualTo(6);
        assertThat(run("kbs", "audit")).isEqualTo(2);
    }
}
