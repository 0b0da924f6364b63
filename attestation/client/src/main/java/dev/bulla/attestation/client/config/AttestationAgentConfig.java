package dev.bulla.attestation.client.config;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.AttestationServiceClient;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.MeasuredRegisters;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.toml.TomlText;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an attestation agent, {@code /etc/attestation-agent.conf}: TOML, or the same in JSON.
 *
 * <pre>{@code
 * [token_configs.kbs]
 * url = "https://kbs.example:8080"
 * cert = "-----BEGIN CERTIFICATE-----…"        # the only roots under which the KBS is trusted
 * tee_key_algorithm = "ECDH-ES+A256KW-P256"    # or …-P521, RSA-OAEP-256
 * insecure_kbs_http = false                    # ours: whether plain HTTP may be spoken
 * reattest_on_measure = true                   # ours: true, false, or a list of registers
 * key_reauthorise_after = 300                  # ours: seconds
 * [token_configs.coco_as]
 * url = "https://as.example:8000"
 * insecure_kbs_http = false                    # ours
 * [eventlog_config]
 * init_pcr = 17
 * enable_eventlog = false
 * [log]
 * level = "info"
 * }</pre>
 *
 * <p>Every table and all but the URLs may be absent. Follows guest-components' {@code attestation-agent/src/config}, and is
 * stricter: a key that is not above is refused with its path.
 *
 * @param kbs the KBS, if one is named
 * @param attestationService the attestation service ({@code coco_as}), if one is named
 * @param eventLog the event log
 * @param logLevel how much is logged
 */
public record AttestationAgentConfig(
        Optional<Kbs> kbs, Optional<AttestationService> attestationService, EventLog eventLog, LogLevel logLevel) {
    /** The longest text in bytes. */
    public static final int MAX_LENGTH = TomlText.MAX_LENGTH;

    /** The longest time for which a key stays authorised. */
    public static final Duration MAX_REAUTHORISE_AFTER = Duration.ofDays(1);

    private static final String INSECURE_HTTP = "insecure_kbs_http";

    public AttestationAgentConfig {
        requireNonNull(kbs, "kbs is null");
        requireNonNull(attestationService, "attestationService is null");
        requireNonNull(eventLog, "eventLog is null");
        requireNonNull(logLevel, "logLevel is null");
    }

    /**
     * The KBS that is asked, and how.
     *
     * @param url where it is
     * @param cert the PEM text of its roots; read when the client is made
     * @param teeKeyAlgorithm the kind of key that each session gets
     * @param insecureHttp whether plain HTTP may be spoken
     * @param reattestOnMeasure which registers it looks at; by the kind of TEE if not said
     * @param keyReauthoriseAfter how long a key stays authorised; the session's life if not said
     */
    public record Kbs(
            URI url,
            Optional<String> cert,
            TeeKeyAlgorithm teeKeyAlgorithm,
            boolean insecureHttp,
            Optional<MeasuredRegisters> reattestOnMeasure,
            Optional<Duration> keyReauthoriseAfter) {
        /** A builder of this KBS's client, as far as the file describes it. */
        public KbsClient.Builder client(Attester attester) {
            KbsClient.Builder builder = KbsClient.builder(url, attester).keyAlgorithm(teeKeyAlgorithm);
            cert.ifPresent(pem -> builder.pinnedRoots(pem.getBytes(StandardCharsets.UTF_8)));
            reattestOnMeasure.ifPresent(builder::reattestOnMeasure);
            if (insecureHttp) {
                builder.insecureHttp();
            }
            return builder;
        }
    }

    /**
     * The attestation service that gives tokens of type {@code coco_as}.
     *
     * @param url where it is
     * @param insecureHttp whether plain HTTP may be spoken
     */
    public record AttestationService(URI url, boolean insecureHttp) {
        /** A builder of this service's client. */
        public AttestationServiceClient.Builder client(Attester attester) {
            AttestationServiceClient.Builder builder = AttestationServiceClient.builder(url, attester);
            if (insecureHttp) {
                builder.insecureHttp();
            }
            return builder;
        }
    }

    /**
     * Whether events are logged.
     *
     * @param initPcr the register of the log's first entry
     * @param enabled whether there is a log
     */
    public record EventLog(int initPcr, boolean enabled) {
        /** The register of guest-components, that of the dynamic root of trust. */
        public static final int DEFAULT_PCR = 17;
    }

    /** How much is logged; each level with those before it. */
    public enum LogLevel {
        OFF,
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /**
     * Reads TOML.
     *
     * @throws KbsConfigurationException when it is malformed, or has a key that is not known
     */
    public static AttestationAgentConfig fromToml(byte[] utf8) throws KbsConfigurationException {
        try {
            return read(TomlText.parse(utf8));
        } catch (TomlText.TomlException e) {
            throw refused(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Reads JSON.
     *
     * @throws KbsConfigurationException when it is malformed, or has a key that is not known
     */
    public static AttestationAgentConfig fromJson(byte[] utf8) throws KbsConfigurationException {
        if (utf8.length > MAX_LENGTH) {
            throw refused(utf8.length + " bytes, limit " + MAX_LENGTH, null);
        }
        try {
            return read(JsonCursor.parse(utf8));
        } catch (JsonException e) {
            throw refused(String.valueOf(e.getMessage()), e);
        }
    }

    private static KbsConfigurationException refused(String problem, @Nullable Throwable cause) {
        return new KbsConfigurationException("attestation agent configuration: " + problem, cause);
    }

    private static AttestationAgentConfig read(JsonCursor root) throws KbsConfigurationException {
        try {
            JsonCursor.Members members = root.object();
            members.allowOnly("token_configs", "eventlog_config", "log");
            Optional<Kbs> kbs = Optional.empty();
            Optional<AttestationService> service = Optional.empty();
            Optional<JsonCursor> tokens = members.optional("token_configs");
            if (tokens.isPresent()) {
                JsonCursor.Members configs = tokens.get().object();
                configs.allowOnly("kbs", "coco_as");
                Optional<JsonCursor> kbsTable = configs.present("kbs");
                if (kbsTable.isPresent()) {
                    kbs = Optional.of(kbs(kbsTable.get().object()));
                }
                Optional<JsonCursor> serviceTable = configs.present("coco_as");
                if (serviceTable.isPresent()) {
                    service = Optional.of(service(serviceTable.get().object()));
                }
            }
            return new AttestationAgentConfig(kbs, service, eventLog(members), logLevel(members));
        } catch (JsonException | KbsProtocolException e) {
            throw refused(String.valueOf(e.getMessage()), e);
        }
    }

    private static Kbs kbs(JsonCursor.Members table) throws JsonException, KbsProtocolException {
        table.allowOnly(
                "url", "cert", "tee_key_algorithm", INSECURE_HTTP, "reattest_on_measure", "key_reauthorise_after");
        Optional<JsonCursor> cert = table.present("cert");
        Optional<JsonCursor> algorithm = table.optional("tee_key_algorithm");
        Optional<JsonCursor> reattest = table.optional("reattest_on_measure");
        Optional<JsonCursor> reauthorise = table.optional("key_reauthorise_after");
        return new Kbs(
                url(table.required("url")),
                cert.isEmpty() ? Optional.empty() : Optional.of(cert.get().string()),
                algorithm.isEmpty()
                        ? TeeKeyAlgorithm.EC_P256
                        : TeeKeyAlgorithm.parse(algorithm.get().string()),
                flag(table, INSECURE_HTTP),
                reattest.isEmpty() ? Optional.empty() : Optional.of(registers(reattest.get())),
                reauthorise.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                Duration.ofSeconds(reauthorise.get().integer(0, MAX_REAUTHORISE_AFTER.toSeconds()))));
    }

    private static AttestationService service(JsonCursor.Members table) throws JsonException {
        table.allowOnly("url", INSECURE_HTTP);
        return new AttestationService(url(table.required("url")), flag(table, INSECURE_HTTP));
    }

    private static URI url(JsonCursor cursor) throws JsonException {
        try {
            return new URI(cursor.string());
        } catch (URISyntaxException e) {
            throw cursor.refuse("not a URL: " + e.getReason());
        }
    }

    private static MeasuredRegisters registers(JsonCursor cursor) throws JsonException {
        if (cursor.value() instanceof JsonBoolean all) {
            return all.value() ? MeasuredRegisters.ALL : MeasuredRegisters.NONE;
        }
        Set<Integer> registers = new TreeSet<>();
        for (JsonCursor item : cursor.array()) {
            registers.add((int) item.integer(0, MeasuredRegisters.MAX_INDEX));
        }
        return MeasuredRegisters.of(registers);
    }

    private static EventLog eventLog(JsonCursor.Members root) throws JsonException {
        Optional<JsonCursor> table = root.optional("eventlog_config");
        if (table.isEmpty()) {
            return new EventLog(EventLog.DEFAULT_PCR, false);
        }
        JsonCursor.Members members = table.get().object();
        members.allowOnly("init_pcr", "enable_eventlog");
        Optional<JsonCursor> pcr = members.optional("init_pcr");
        return new EventLog(
                pcr.isEmpty() ? EventLog.DEFAULT_PCR : (int) pcr.get().integer(0, MeasuredRegisters.MAX_INDEX),
                flag(members, "enable_eventlog"));
    }

    private static LogLevel logLevel(JsonCursor.Members root) throws JsonException {
        Optional<JsonCursor> table = root.optional("log");
        if (table.isEmpty()) {
            return LogLevel.INFO;
        }
        JsonCursor.Members members = table.get().object();
        members.allowOnly("level");
        Optional<JsonCursor> level = members.optional("level");
        if (level.isEmpty()) {
            return LogLevel.INFO;
        }
        for (LogLevel candidate : LogLevel.values()) {
            if (candidate.name().equalsIgnoreCase(level.get().string())) {
                return candidate;
            }
        }
        throw level.get()
                .refuse("got " + Quoted.text(level.get().string())
                        + ", expected off, error, warn, info, debug or trace");
    }

    private static boolean flag(JsonCursor.Members members, String name) throws JsonException {
        Optional<JsonCursor> flag = members.optional(name);
        return flag.isPresent() && flag.get().bool();
    }
}
