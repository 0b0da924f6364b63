package dev.bulla.provision.peer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.config.KbsConfig;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.provision.LayoutWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trustee's programs against ours and ours against Trustee's, each unmodified, by sample evidence. */
@Tag("peer")
class TrusteePeerTest {
    private static final String KEY = "default/key/one";
    private static final byte[] SECRET = {'s', 'e', 'c', 'r', 'e', 't', 0, 1};
    private static final String IN_BASE64 = Base64.getEncoder().encodeToString(SECRET);
    private static final String INIT_DATA =
            "version = \"0.1.0\"\nalgorithm = \"sha256\"\n\n[data]\n\"aa.toml\" = \"x = 1\"\n";
    private static final String ACCEPTING = """
            {"default": [{"type": "insecureAcceptAnything"}],
             "bulla": {"version": 1, "matrix": {"unencryptedUnsigned": {"allow": true},
                                                "encryptedUnsigned": {"allow": true}}}}
            """;

    /** What sample evidence is compared with by the policy that both have by default. */
    private static final List<List<String>> REFERENCE_VALUES = List.of(
            List.of("launch_digest", "abcde"),
            List.of("svn", "1"),
            List.of("major_version", "1", "--as-integer", "--as-single-value"),
            List.of("minimum_minor_version", "1", "--as-integer", "--as-single-value"));

    @TempDir
    private Path folder = Path.of("set by the test engine");

    @BeforeEach
    void write() throws IOException {
        Files.write(folder.resolve("secret"), SECRET);
        TrusteeKbs.writeCertificate(folder);
    }

    // Ours against Trustee's kbs

    private ProgramRun ours(String... words) throws Exception {
        return ProgramRun.ofMain("dev.bulla.provision.cli.Main", folder, List.of(words));
    }

    private ProgramRun ourClient(TrusteeKbs kbs, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("kbs-client", "--url", kbs.url()));
        all.addAll(Arrays.asList(words));
        return ours(all.toArray(String[]::new));
    }

    private ProgramRun ourGet(TrusteeKbs kbs, String path) throws Exception {
        return ourClient(kbs, "get-resource", "--tee", "sample", "--path", path);
    }

    private void setOurs(TrusteeKbs kbs, String path, Path file) throws Exception {
        ourClient(kbs, "config", "set-resource", "--path", path, "--resource-file", file.toString())
                .succeeded();
    }

    private void policyByOurs(TrusteeKbs kbs, String policy) throws Exception {
        ourClient(kbs, "config", "set-resource-policy", policy).succeeded();
    }

    @Test
    void ourKbsClient_everyVerb_trusteesKbsObeys() throws Exception {
        try (TrusteeKbs kbs = TrusteeKbs.start(folder, false)) {
            setOurs(kbs, KEY, folder.resolve("secret"));
            for (String denying : List.of("--affirming", "--default", "--deny-all")) {
                policyByOurs(kbs, denying);
                assertThat(ourGet(kbs, KEY).ended(5).err()).contains("the KBS's policy does not release it");
            }
            policyByOurs(kbs, "--allow-all");
            assertThat(ourGet(kbs, KEY).succeeded().out()).isEqualToIgnoringNewLines(IN_BASE64);
            assertThat(ourGet(kbs, "default/key/none").ended(5).err()).contains("the KBS has no such resource");

            policyByOurs(kbs, "--affirming");
            for (List<String> value : REFERENCE_VALUES) {
                List<String> words = new ArrayList<>(List.of("config", "set-sample-reference-value"));
                words.addAll(value);
                ourClient(kbs, words.toArray(String[]::new)).succeeded();
            }
            assertThat(ourClient(kbs, "config", "get-reference-value", "--id", "svn")
                            .succeeded()
                            .out())
                    .isEqualToIgnoringNewLines("[\"1\"]");
            assertThat(ourClient(kbs, "get-resource", "--tee", "sample", "--path", KEY, INIT_DATA)
                            .succeeded()
                            .out())
                    .isEqualToIgnoringNewLines(IN_BASE64);

            Path policy = Files.writeString(
                    folder.resolve("contraindicating.rego"),
                    "package policy\n\nimport rego.v1\n\ntrust_claims := {\"executables\": 99}\n");
            ourClient(
                            kbs,
                            "config",
                            "set-attestation-policy",
                            "--id",
                            "default_cpu",
                            "--policy-file",
                            policy.toString())
                    .succeeded();
            ourGet(kbs, KEY).ended(5);
            ourClient(kbs, "config", "delete-resource", "--path", KEY).succeeded();
            policyByOurs(kbs, "--allow-all");
            assertThat(ourGet(kbs, KEY).ended(5).err()).contains("the KBS has no such resource");
        }
    }

    @Test
    void ourKbsClient_tokenAndItsKey_trusteesKbsTakes() throws Exception {
        try (TrusteeKbs kbs = TrusteeKbs.start(folder, false)) {
            setOurs(kbs, KEY, folder.resolve("secret"));
            policyByOurs(kbs, "--allow-all");
            for (TeeKeyAlgorithm algorithm :
                    List.of(TeeKeyAlgorithm.EC_P256, TeeKeyAlgorithm.EC_P521, TeeKeyAlgorithm.RSA_2048)) {
                String key = writeTeeKey(algorithm).toString();
                String token = ourClient(kbs, "attest", "--tee", "sample", "--tee-key-file", key)
                        .succeeded()
                        .out();
                Path file = Files.writeString(folder.resolve("token"), token);
                long before = kbs.attestations();
                assertThat(ourClient(
                                        kbs,
                                        "get-resource",
                                        "--path",
                                        KEY,
                                        "--tee-key-file",
                                        key,
                                        "--attestation-token",
                                        file.toString())
                                .succeeded()
                                .out())
                        .isEqualToIgnoringNewLines(IN_BASE64);
                assertThat(kbs.attestations()).isEqualTo(before);
            }
        }
    }

    private Path writeTeeKey(TeeKeyAlgorithm algorithm) throws Exception {
        try (TeeKeyPair pair = TeeKeyPair.generate(algorithm, new SecureRandom())) {
            return Files.write(folder.resolve(algorithm + ".pem"), pair.toPem());
        }
    }

    private ProgramRun pull(TrusteeKbs kbs, String policy, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "pull",
                "oci:" + folder.resolve("layout") + ":secret",
                "--policy",
                policy,
                "--kbs",
                kbs.url(),
                "--tee",
                "sample",
                "--store",
                folder.resolve("store").toString(),
                "--store-exposure=accepted",
                "--output",
                "json",
                "--progress",
                "none"));
        words.addAll(Arrays.asList(more));
        return ours(words.toArray(String[]::new));
    }

    /** Trustee's client: ours got no answer over TLS twice on a busy machine, for a reason that is not known. */
    private void theirAdministration(TrusteeKbs kbs, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Peers.findOptional("kbs-client", "Trustee").toString(),
                "--url",
                kbs.url(),
                "--cert-file",
                "kbs.pem",
                "config"));
        command.addAll(Arrays.asList(words));
        ProgramRun.of(folder, Map.of(), command).succeeded();
    }

    private void setTheirs(TrusteeKbs kbs, String path, String file) throws Exception {
        theirAdministration(kbs, "set-resource", "--path", path, "--resource-file", file);
    }

    @Test
    void pull_keyAndPolicyInTrusteesKbs_oneAttestation() throws Exception {
        writeEncryptedImage();
        Path policy = Files.writeString(folder.resolve("policy.json"), ACCEPTING);
        try (TrusteeKbs kbs = TrusteeKbs.start(folder, true)) {
            String inKbs = "kbs:///default/security-policy/one";
            setTheirs(kbs, "default/image-key/1", "layers.key");
            setTheirs(kbs, "default/security-policy/one", "policy.json");
            theirAdministration(kbs, "set-resource-policy", "--allow-all");
            String[] pinned = {"--kbs-cert", folder.resolve("kbs.pem").toString()};

            long before = kbs.attestations();
            pull(kbs, inKbs, pinned).succeeded();
            assertThat(kbs.attestations() - before).isEqualTo(1);

            pull(kbs, "kbs:///default/security-policy/none", pinned).ended(3);
            theirAdministration(kbs, "delete-resource", "--path", "default/image-key/1");
            assertThat(pull(kbs, inKbs, pinned).ended(5).err()).contains("the KBS has no such resource");
            theirAdministration(kbs, "set-resource-policy", "--deny-all");
            assertThat(pull(kbs, policy.toString(), pinned).ended(5).err())
                    .contains("the KBS's policy does not release it");
            TrusteeKbs.writeCertificate(folder);
            assertThat(pull(kbs, policy.toString(), pinned).ended(5).err()).contains("TLS: ");
        }
    }

    @Test
    void pull_trusteesKbsOverHttp_givesKeysOnly() throws Exception {
        writeEncryptedImage();
        Path policy = Files.writeString(folder.resolve("policy.json"), ACCEPTING);
        try (TrusteeKbs kbs = TrusteeKbs.start(folder, false)) {
            setOurs(kbs, "default/image-key/1", folder.resolve("layers.key"));
            setOurs(kbs, "default/security-policy/one", policy);
            policyByOurs(kbs, "--allow-all");
            pull(kbs, policy.toString()).ended(2);
            pull(kbs, "kbs:///default/security-policy/one", "--insecure-kbs-http")
                    .ended(3);
            long before = kbs.attestations();
            pull(kbs, policy.toString(), "--insecure-kbs-http").succeeded();
            assertThat(kbs.attestations() - before).isEqualTo(1);
        }
    }

    /** Two layers, under a key that the KBS is to have as default/image-key/1. */
    private void writeEncryptedImage() throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Files.write(folder.resolve("layers.key"), key);
        StringBuilder layers = new StringBuilder();
        StringBuilder diffIds = new StringBuilder();
        try (LayoutWriter layout = LayoutWriter.open(folder.resolve("layout"))) {
            for (int blocks = 2; blocks <= 3; blocks++) {
                byte[] tar = new byte[512 * blocks]; // without entries
                String comma = blocks == 2 ? "" : ",";
                layers.append(comma).append(json(layout.putBytes("application/vnd.oci.image.layer.v1.tar", tar)));
                diffIds.append(comma)
                        .append('"')
                        .append(Digest.Algorithm.SHA256.of(tar))
                        .append('"');
            }
            String architecture = System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
            String config = "{\"architecture\":\"" + architecture
                    + "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\"," + "\"diff_ids\":[" + diffIds + "]}}";
            String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"config\":"
                    + json(layout.putBytes(MediaTypes.OCI_CONFIG, config.getBytes(UTF_8))) + ",\"layers\":[" + layers
                    + "]}";
            layout.putManifest(MediaTypes.OCI_MANIFEST, manifest.getBytes(UTF_8), Optional.of("plain"));
        }
        ours(
                        "encrypt",
                        "--encryption-key",
                        "provider:attestation-agent:keyid=kbs:///default/image-key/1::keypath=layers.key",
                        "oci:layout:plain",
                        "oci:layout:secret")
                .succeeded();
    }

    private static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":"
                + descriptor.size() + "}";
    }

    // Trustee's programs against our KBS

    /** What {@code bulla kbs serve --config} starts, of Trustee's configuration and the name of what Trustee does silently. */
    private EmbeddedKbs ourKbs(boolean tls) throws Exception {
        String toml = (tls ? TrusteeKbs.https(0, folder) : TrusteeKbs.http(0))
                + "\n[bulla]\ninsecure_accept_sample_evidence = true\ninsecure_accept_sample_device_evidence = true\n";
        return KbsConfig.parse(toml.getBytes(UTF_8)).toBuilder(InstantSource.system(), new SecureRandom())
                .start();
    }

    private ProgramRun theirs(String program, Map<String, String> environment, EmbeddedKbs kbs, String... words)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Peers.findOptional(program, "Trustee").toString(),
                "--url",
                kbs.url().toString()));
        if (kbs.url().getScheme().equals("https")) {
            command.addAll(List.of("--cert-file", "kbs.pem"));
        }
        command.addAll(Arrays.asList(words));
        return ProgramRun.of(folder, environment, command);
    }

    private ProgramRun theirClient(EmbeddedKbs kbs, String... words) throws Exception {
        return theirs("kbs-client", Map.of(), kbs, words);
    }

    private ProgramRun theirGet(EmbeddedKbs kbs, String path) throws Exception {
        return theirClient(kbs, "get-resource", "--path", path);
    }

    private void policyByTheirs(EmbeddedKbs kbs, String policy) throws Exception {
        theirClient(kbs, "config", "set-resource-policy", policy).succeeded();
    }

    private static void gives(ProgramRun run) {
        assertThat(run.succeeded().out()).isEqualToIgnoringNewLines(IN_BASE64);
    }

    private static void refuses(ProgramRun run) {
        assertThat(run.ended(1).err()).contains("request unauthorized");
    }

    @Test
    void trusteesKbsClient_everyVerb_ourKbsObeys() throws Exception {
        try (EmbeddedKbs kbs = ourKbs(true)) {
            theirClient(kbs, "config", "set-resource", "--path", KEY, "--resource-file", "secret")
                    .succeeded();
            refuses(theirGet(kbs, KEY)); // contraindicated
            policyByTheirs(kbs, "--allow-all");
            gives(theirGet(kbs, KEY));
            refuses(theirGet(kbs, "default/key/none"));
            for (String denying : List.of("--deny-all", "--default", "--affirming")) {
                policyByTheirs(kbs, denying);
                refuses(theirGet(kbs, KEY));
            }
            for (List<String> value : REFERENCE_VALUES) {
                List<String> words = new ArrayList<>(List.of("config", "set-sample-reference-value"));
                words.addAll(value);
                theirClient(kbs, words.toArray(String[]::new)).succeeded();
            }
            assertThat(theirClient(kbs, "config", "get-reference-value", "--id", "svn")
                            .succeeded()
                            .out())
                    .isEqualToIgnoringNewLines("\"[\\\"1\\\"]\"");
            gives(theirGet(kbs, KEY));
            gives(theirClient(kbs, "get-resource", "--path", KEY, INIT_DATA));

            Path policy = Files.writeString(
                    folder.resolve("contraindicating.rego"),
                    "package policy\n\nimport rego.v1\n\ntrust_claims := {\"executables\": 99}\n");
            theirClient(
                            kbs,
                            "config",
                            "set-attestation-policy",
                            "--type",
                            "rego",
                            "--id",
                            "default_cpu",
                            "--policy-file",
                            policy.toString())
                    .succeeded();
            refuses(theirGet(kbs, KEY));
            policyByTheirs(kbs, "--allow-all");
            theirClient(kbs, "config", "delete-resource", "--path", KEY).succeeded();
            refuses(theirGet(kbs, KEY));
        }
    }

    @Test
    void trusteesKbsClient_tokenAndItsKey_ourKbsTakes() throws Exception {
        try (EmbeddedKbs kbs = ourKbs(false)) {
            theirClient(kbs, "config", "set-resource", "--path", KEY, "--resource-file", "secret")
                    .succeeded();
            policyByTheirs(kbs, "--allow-all");
            for (TeeKeyAlgorithm algorithm :
                    List.of(TeeKeyAlgorithm.EC_P256, TeeKeyAlgorithm.EC_P521, TeeKeyAlgorithm.RSA_2048)) {
                String key = writeTeeKey(algorithm).toString();
                String token = theirClient(kbs, "attest", "--tee-key-file", key)
                        .succeeded()
                        .out();
                Files.write(folder.resolve("token"), token.strip().getBytes(US_ASCII));
                int before = kbs.attestations();
                gives(theirClient(
                        kbs, "get-resource", "--path", KEY, "--tee-key-file", key, "--attestation-token", "token"));
                assertThat(kbs.attestations()).isEqualTo(before);
            }
        }
    }

    @Test
    void trusteesClients_withADevice_ourKbsAppraisesBoth() throws Exception {
        Map<String, String> device = Map.of("ENABLE_SAMPLE_DEVICE", "1");
        try (EmbeddedKbs kbs = ourKbs(false)) {
            theirClient(kbs, "config", "set-resource", "--path", KEY, "--resource-file", "secret")
                    .succeeded();
            policyByTheirs(kbs, "--allow-all");
            gives(theirs("kbs-client", device, kbs, "get-resource", "--path", KEY));
            Path policy = Files.writeString(folder.resolve("two.rego"), """
                    package policy

                    import rego.v1

                    default allow := false

                    allow if count(input.submods) == 2
                    """);
            theirClient(kbs, "config", "set-resource-policy", "--policy-file", policy.toString())
                    .succeeded();
            refuses(theirGet(kbs, KEY));
            gives(theirs("kbs-client", device, kbs, "get-resource", "--path", KEY));
        }
    }

    @Test
    void trusteesAttester_ourKbs_givesAndRefuses() throws Exception {
        Peers.findOptional("trustee-attester", "guest-components");
        for (boolean tls : new boolean[] {false, true}) {
            try (EmbeddedKbs kbs = ourKbs(tls)) {
                theirClient(kbs, "config", "set-resource", "--path", KEY, "--resource-file", "secret")
                        .succeeded();
                refuses(attester(kbs, KEY));
                policyByTheirs(kbs, "--allow-all");
                gives(attester(kbs, KEY));
                gives(attester(kbs, KEY, "--initdata", INIT_DATA));
                refuses(attester(kbs, "default/key/none"));
            }
        }
    }

    private ProgramRun attester(EmbeddedKbs kbs, String path, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("get-resource", "--path", "kbs:///" + path));
        words.addAll(Arrays.asList(more));
        return theirs(
                "trustee-attester",
                Map.of("RUST_LOG", "error", "RUST_BACKTRACE", "0"),
                kbs,
                words.toArray(String[]::new));
    }
}
