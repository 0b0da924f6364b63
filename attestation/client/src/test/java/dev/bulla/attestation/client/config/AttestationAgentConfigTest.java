package dev.bulla.attestation.client.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.attestation.client.KbsChannel;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.MeasuredRegisters;
import dev.bulla.attestation.client.config.AttestationAgentConfig.AttestationService;
import dev.bulla.attestation.client.config.AttestationAgentConfig.EventLog;
import dev.bulla.attestation.client.config.AttestationAgentConfig.Kbs;
import dev.bulla.attestation.client.config.AttestationAgentConfig.LogLevel;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.oci.toml.TomlText;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttestationAgentConfigTest {
    private static final EventLog NO_LOG = new EventLog(17, false);

    /** What guest-components' own test says each file is; the third is not among them and has no certificate. */
    @ParameterizedTest
    @CsvSource({
        "config1.toml, true,  true,  true,  WARN",
        "config2.toml, true,  true,  false, WARN",
        "config3.toml, true,  false, true,  WARN",
        "config4.toml, false, false, false, WARN",
        "config5.toml, false, false, false, INFO",
        "config6.toml, false, false, false, INFO",
    })
    void fromToml_agentsTestFiles_areRead(String file, boolean kbs, boolean cert, boolean service, LogLevel level)
            throws Exception {
        byte[] text = Files.readAllBytes(conformance("aa-config", file));
        AttestationAgentConfig expected = new AttestationAgentConfig(
                kbs ? Optional.of(kbs(cert ? Optional.of("cert") : Optional.empty())) : Optional.empty(),
                service
                        ? Optional.of(new AttestationService(URI.create("http://127.0.0.1:8000"), false))
                        : Optional.empty(),
                NO_LOG,
                level);
        assertThat(AttestationAgentConfig.fromToml(text)).isEqualTo(expected);
        byte[] json = JsonWriter.compact(TomlText.parse(text).value()).getBytes(StandardCharsets.UTF_8);
        assertThat(AttestationAgentConfig.fromJson(json)).isEqualTo(expected);
    }

    /** The data hub's configuration is another file. */
    @Test
    void from_dataHubsConfiguration_refusedByItsKey() throws Exception {
        byte[] toml = Files.readAllBytes(conformance("example.config.toml"));
        byte[] json = Files.readAllBytes(conformance("example.config.json"));
        assertThatThrownBy(() -> AttestationAgentConfig.fromToml(toml))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessage("attestation agent configuration: $: unknown key \"socket\"");
        assertThatThrownBy(() -> AttestationAgentConfig.fromJson(json))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("unknown key \"socket\"");
    }

    @Test
    void fromToml_allKeys_areRead() throws Exception {
        AttestationAgentConfig config = read("""
                [token_configs.kbs]
                url = "http://kbs:8080"
                tee_key_algorithm = "ECDH-ES+A256KW-P521"
                insecure_kbs_http = true
                reattest_on_measure = [3, 17]
                key_reauthorise_after = 300
                [token_configs.coco_as]
                url = "http://as:8000"
                insecure_kbs_http = true
                [eventlog_config]
                init_pcr = 23
                enable_eventlog = true
                [log]
                level = "Debug"
                """);
        assertThat(config)
                .isEqualTo(new AttestationAgentConfig(
                        Optional.of(new Kbs(
                                URI.create("http://kbs:8080"),
                                Optional.empty(),
                                TeeKeyAlgorithm.EC_P521,
                                true,
                                Optional.of(MeasuredRegisters.of(Set.of(3, 17))),
                                Optional.of(Duration.ofMinutes(5)))),
                        Optional.of(new AttestationService(URI.create("http://as:8000"), true)),
                        new EventLog(23, true),
                        LogLevel.DEBUG));
        try (KbsClient client =
                config.kbs().orElseThrow().client(new SampleAttester()).build()) {
            assertThat(client.channel()).isEqualTo(KbsChannel.PLAIN_HTTP);
        }
        config.attestationService()
                .orElseThrow()
                .client(new SampleAttester())
                .build()
                .close();
        assertThat(read("[token_configs.kbs]\nurl = \"https://kbs\"\nreattest_on_measure = false")
                        .kbs()
                        .orElseThrow()
                        .reattestOnMeasure())
                .contains(MeasuredRegisters.NONE);
        assertThat(read("[token_configs.kbs]\nurl = \"https://kbs\"\nreattest_on_measure = true")
                        .kbs()
                        .orElseThrow()
                        .reattestOnMeasure())
                .contains(MeasuredRegisters.ALL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            x = 1                                                          | $: unknown key "x"
            [token_configs.other]                                          | $.token_configs: unknown key "other"
            [token_configs.kbs]                                            | $.token_configs.kbs: "url" is missing
            token_configs = 1                                              | $.token_configs: got a number
            [token_configs]!kbs = 1                                        | $.token_configs.kbs: got a number
            [token_configs.kbs]!url = 1                                    | $.token_configs.kbs.url: got a number
            [token_configs.kbs]!url = "a b"                                | $.token_configs.kbs.url: not a URL
            [token_configs.kbs]!url = "u"!URL = "v"                        | $.token_configs.kbs: unknown key "URL"
            [token_configs.kbs]!url = "u"!kbs_cert = ""                    | $.token_configs.kbs: unknown key "kbs_cert"
            [token_configs.kbs]!url = "u"!tee_key_algorithm = "RSA1_5"     | TEE key algorithm "RSA1_5"
            [token_configs.kbs]!url = "u"!tee_key_algorithm = "ML-KEM-768+A192KW" | TEE key algorithm "ML-KEM-768+A192KW"
            [token_configs.kbs]!url = "u"!insecure_kbs_http = "true"       | $.token_configs.kbs.insecure_kbs_http: got a string
            [token_configs.kbs]!url = "u"!reattest_on_measure = "all"      | $.token_configs.kbs.reattest_on_measure: got a string
            [token_configs.kbs]!url = "u"!reattest_on_measure = [24]       | $.token_configs.kbs.reattest_on_measure[0]: got 24
            [token_configs.kbs]!url = "u"!key_reauthorise_after = 86401    | $.token_configs.kbs.key_reauthorise_after: got 86401
            [token_configs.kbs]!url = "u"!key_reauthorise_after = -1       | $.token_configs.kbs.key_reauthorise_after: got -1
            [token_configs.coco_as]!url = "u"!cert = ""                    | $.token_configs.coco_as: unknown key "cert"
            [eventlog_config]!init_pcr = 24                                | $.eventlog_config.init_pcr: got 24
            [eventlog_config]!enable_eventlog = "false"                    | $.eventlog_config.enable_eventlog: got a string
            [eventlog_config]!pcr = 1                                      | $.eventlog_config: unknown key "pcr"
            [log]!level = "loud"                                           | $.log.level: got "loud", expected off
            [log]!file = "x"                                               | $.log: unknown key "file"
            [log]!level = "a"!level = "b"                                  | not TOML 1.0
            """)
    void fromToml_malformed_refusedWithThePath(String toml, String message) {
        assertThatThrownBy(() -> read(toml.replace('!', '\n')))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageStartingWith("attestation agent configuration: ")
                .hasMessageContaining(message);
    }

    @Test
    void fromJson_malformed_refused() throws Exception {
        for (String json : new String[] {"", "[]", "{\"log\":{},\"log\":{}}", "{\"log\":null}", "{} x"}) {
            assertThatThrownBy(() -> AttestationAgentConfig.fromJson(json.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(KbsConfigurationException.class);
        }
        String padded = "{}" + " ".repeat(AttestationAgentConfig.MAX_LENGTH - 2);
        assertThat(AttestationAgentConfig.fromJson(padded.getBytes(StandardCharsets.UTF_8))
                        .eventLog())
                .isEqualTo(NO_LOG);
        assertThatThrownBy(() -> AttestationAgentConfig.fromJson((padded + " ").getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("limit 1048576");
    }

    @Test
    void client_notToBeMade_refused() throws Exception {
        assertThatThrownBy(() -> read("[token_configs.kbs]\nurl = \"http://127.0.0.1\"")
                        .kbs()
                        .orElseThrow()
                        .client(new SampleAttester())
                        .build())
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("insecure_kbs_http = true");
        assertThatThrownBy(() -> read("[token_configs.kbs]\nurl = \"https://kbs\"\ncert = \"cert\"")
                        .kbs()
                        .orElseThrow()
                        .client(new SampleAttester())
                        .build())
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("no X.509 certificate");
        assertThatThrownBy(() -> read("[token_configs.coco_as]\nurl = \"http://127.0.0.1\"")
                        .attestationService()
                        .orElseThrow()
                        .client(new SampleAttester())
                        .build())
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("plain HTTP is refused");
    }

    private static Kbs kbs(Optional<String> cert) {
        return new Kbs(
                URI.create("https://127.0.0.1:8080"),
                cert,
                TeeKeyAlgorithm.EC_P256,
                false,
                Optional.empty(),
                Optional.empty());
    }

    private static AttestationAgentConfig read(String toml) throws KbsConfigurationException {
        return AttestationAgentConfig.fromToml(toml.getBytes(StandardCharsets.UTF_8));
    }

    private static Path conformance(String... names) {
        Path file = Path.of(System.getProperty("bulla.conformance", ""), "coco");
        for (String name : names) {
            file = file.resolve(name);
        }
        assumeTrue(Files.isRegularFile(file), "no conformance data: " + file);
        return file;
    }
}
