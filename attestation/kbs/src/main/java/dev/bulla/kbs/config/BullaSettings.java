package dev.bulla.kbs.config;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.ErrorMode;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.KbsLimits;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code [bulla]}: what Trustee has no keys for.
 *
 * @param sampleEvidence {@code insecure_accept_sample_evidence}
 * @param sampleDevices {@code insecure_accept_sample_device_evidence}
 * @param sampleMessages {@code sample_reference_values}: whether administrators may register by messages of type sample
 * @param errors {@code error_mode}
 * @param metrics {@code metrics}
 * @param auditFile {@code audit_file}
 * @param auditFsync {@code audit_fsync}
 * @param storageKeyFile {@code storage_key_file}: 32 bytes, under which what is kept in folders is sealed
 * @param tdxCollateral {@code tdx_collateral_dir}: Intel's collateral, a folder a platform
 * @param policy {@code resource_policy}: the policy until one is set, by name
 * @param hash {@code hash_algorithm}
 * @param referenceValues {@code [bulla.reference_values]}
 * @param limits {@code [bulla.limits]}
 */
record BullaSettings(
        boolean sampleEvidence,
        boolean sampleDevices,
        boolean sampleMessages,
        ErrorMode errors,
        boolean metrics,
        Optional<Path> auditFile,
        boolean auditFsync,
        Optional<Path> storageKeyFile,
        Optional<Path> tdxCollateral,
        ResourcePolicy policy,
        HashAlgorithm hash,
        Map<String, JsonValue> referenceValues,
        KbsLimits limits) {
    private static final int MAX_SESSIONS = 1 << 20;
    private static final int MAX_RATE = 1_000_000;

    static BullaSettings read(Optional<JsonCursor> given, List<String> notes) throws JsonException {
        JsonCursor.Members table = given.orElse(JsonCursor.parse("{}")).object();
        table.allowOnly(
                "insecure_accept_sample_evidence",
                "insecure_accept_sample_device_evidence",
                "sample_reference_values",
                "error_mode",
                "metrics",
                "audit_file",
                "audit_fsync",
                "storage_key_file",
                "tdx_collateral_dir",
                "resource_policy",
                "hash_algorithm",
                "reference_values",
                "limits");
        boolean sample = Settings.flag(table, "insecure_accept_sample_evidence", false);
        boolean devices = Settings.flag(table, "insecure_accept_sample_device_evidence", false);
        if (sample) {
            notes.add("bulla.insecure_accept_sample_evidence: evidence that anybody can make is taken");
        }
        if (devices) {
            notes.add("bulla.insecure_accept_sample_device_evidence: device evidence that anybody can make is taken");
        }
        Optional<JsonCursor> mode = table.optional("error_mode");
        if (mode.isPresent()) {
            Settings.requireWord(mode.get(), "trustee", "distinct");
        }
        return new BullaSettings(
                sample,
                devices,
                Settings.flag(table, "sample_reference_values", true),
                mode.isPresent() && mode.get().string().equals("distinct") ? ErrorMode.DISTINCT : ErrorMode.TRUSTEE,
                Settings.flag(table, "metrics", false),
                Settings.path(table, "audit_file"),
                Settings.flag(table, "audit_fsync", false),
                Settings.path(table, "storage_key_file"),
                Settings.path(table, "tdx_collateral_dir"),
                policy(table.optional("resource_policy")),
                hash(table.optional("hash_algorithm")),
                referenceValues(table.optional("reference_values")),
                limits(table.optional("limits")));
    }

    private static ResourcePolicy policy(Optional<JsonCursor> given) throws JsonException {
        if (given.isEmpty()) {
            return ResourcePolicy.AFFIRMING;
        }
        return ResourcePolicy.named(given.get().string())
                .orElseThrow(() -> given.get().refuse("expected allow, deny or affirming"));
    }

    private static HashAlgorithm hash(Optional<JsonCursor> given) throws JsonException {
        if (given.isEmpty()) {
            return HashAlgorithm.DEFAULT;
        }
        try {
            return HashAlgorithm.parse(given.get().string());
        } catch (KbsProtocolException e) {
            throw given.get().refuse(e.getMessage());
        }
    }

    private static Map<String, JsonValue> referenceValues(Optional<JsonCursor> given) throws JsonException {
        Map<String, JsonValue> values = new LinkedHashMap<>();
        if (given.isPresent()) {
            given.get().object().all().forEach((name, value) -> values.put(name, value.value()));
        }
        return values;
    }

    private static KbsLimits limits(Optional<JsonCursor> given) throws JsonException {
        KbsLimits usual = KbsLimits.DEFAULT;
        if (given.isEmpty()) {
            return usual;
        }
        JsonCursor.Members table = given.get().object();
        table.allowOnly("sessions", "challenges_per_address", "auth_per_second", "auth_burst");
        return usual.withSessions(
                        Settings.number(table, "sessions", 1, MAX_SESSIONS, usual.sessions()),
                        Settings.number(table, "challenges_per_address", 1, MAX_SESSIONS, usual.challengesPerAddress()))
                .withAuth(
                        Settings.number(table, "auth_per_second", 1, MAX_RATE, usual.authPerSecond()),
                        Settings.number(table, "auth_burst", 1, MAX_RATE, usual.authBurst()));
    }

    /** The key under which what is kept in folders is sealed. */
    Optional<SymmetricKey> storageKey() throws KbsException {
        if (storageKeyFile.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = Settings.read(storageKeyFile.get());
        if (bytes.length != SymmetricKey.LENGTH) {
            Arrays.fill(bytes, (byte) 0);
            throw new KbsException(
                    storageKeyFile.get() + ": " + bytes.length + " bytes, expected a key of " + SymmetricKey.LENGTH);
        }
        return Optional.of(new SymmetricKey(bytes));
    }

    void apply(EmbeddedKbs.Builder builder, HttpSettings http) {
        if (sampleEvidence) {
            builder.insecureSampleEvidence();
        }
        if (sampleDevices) {
            builder.insecureSampleDeviceEvidence();
        }
        builder.onlyNamedVerifiers()
                .sampleReferenceMessages(sampleMessages)
                .errorMode(errors)
                .metrics(metrics)
                .resourcePolicy(policy)
                .hashAlgorithm(hash)
                .limits(limits.withBodyLength(http.bodyLength()));
        auditFile.ifPresent(file -> builder.auditFile(file, auditFsync));
        referenceValues.forEach(builder::referenceValue);
    }
}
