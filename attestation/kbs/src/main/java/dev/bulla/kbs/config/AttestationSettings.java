package dev.bulla.kbs.config;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.TokenProfile;
import dev.bulla.kbs.token.TokenSigner;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code [attestation_service]}, of type {@code coco_as_builtin}.
 *
 * @param session how long a session lasts
 * @param profile what tokens say
 * @param signer the token key's files, if it is to stay
 * @param tpmKeys which TPM keys are trusted
 */
record AttestationSettings(
        Duration session, TokenProfile profile, Optional<Signer> signer, Optional<KbsConfig.TpmKeys> tpmKeys) {
    private static final int MAX_MINUTES = 24 * 60;
    private static final int DEFAULT_MINUTES = 5;
    private static final int DEFAULT_TPM_KEYS = 100;
    private static final int MAX_TPM_KEYS = 10_000;

    /** {@code attestation_token_broker.signer}. */
    record Signer(Path key, Optional<Path> certificates, Optional<String> url) {}

    static AttestationSettings read(Optional<JsonCursor> given) throws JsonException {
        if (given.isEmpty()) {
            return new AttestationSettings(
                    Duration.ofMinutes(DEFAULT_MINUTES), TokenProfile.DEFAULT, Optional.empty(), Optional.empty());
        }
        JsonCursor.Members table = given.get().object();
        JsonCursor type = table.required("type");
        Settings.requireWord(type, "coco_as_builtin");
        table.allowOnly("type", "timeout", "attestation_token_broker", "rvps_config", "verifier_config", "policy_ids");
        Optional<JsonCursor> rvps = table.optional("rvps_config");
        if (rvps.isPresent()) {
            readRvps(rvps.get().object());
        }
        Optional<JsonCursor> broker = table.optional("attestation_token_broker");
        Optional<Signer> signer = Optional.empty();
        TokenProfile profile = TokenProfile.DEFAULT.withPolicyId(policyId(table));
        if (broker.isPresent()) {
            JsonCursor.Members members = broker.get().object();
            profile = profile(members, profile);
            signer = signer(members);
        }
        return new AttestationSettings(
                Duration.ofMinutes(Settings.number(table, "timeout", 1, MAX_MINUTES, DEFAULT_MINUTES)),
                profile,
                signer,
                tpmKeys(table.optional("verifier_config")));
    }

    private static String policyId(JsonCursor.Members table) throws JsonException {
        List<String> ids = Settings.texts(table, "policy_ids");
        if (ids.size() > 1) {
            throw table.required("policy_ids").refuse(ids.size() + " ids, expected one");
        }
        return ids.isEmpty() ? TokenProfile.DEFAULT.policyId() : ids.getFirst();
    }

    private static void readRvps(JsonCursor.Members rvps) throws JsonException {
        rvps.allowOnly("type", "extractors");
        Optional<JsonCursor> type = rvps.optional("type");
        if (type.isPresent()) {
            Settings.requireWord(type.get(), "BuiltIn");
        }
        Optional<JsonCursor> extractors = rvps.optional("extractors");
        if (extractors.isPresent()) {
            extractors.get().object().allowOnly(); // swid and corim are not understood
        }
    }

    private static TokenProfile profile(JsonCursor.Members broker, TokenProfile usual) throws JsonException {
        broker.allowOnly(
                "duration_min",
                "issuer_name",
                "developer_name",
                "build_name",
                "profile_name",
                "signer",
                "verbose_token");
        return new TokenProfile(
                Duration.ofMinutes(Settings.number(broker, "duration_min", 1, MAX_MINUTES, DEFAULT_MINUTES)),
                Settings.text(broker, "issuer_name").orElse(usual.issuer()),
                Settings.text(broker, "developer_name").orElse(usual.developer()),
                Settings.text(broker, "build_name").orElse(usual.build()),
                Settings.text(broker, "profile_name").orElse(usual.profile()),
                usual.policyId(),
                Settings.flag(broker, "verbose_token", usual.verbose()));
    }

    private static Optional<Signer> signer(JsonCursor.Members broker) throws JsonException {
        Optional<JsonCursor> given = broker.optional("signer");
        if (given.isEmpty()) {
            return Optional.empty();
        }
        JsonCursor.Members members = given.get().object();
        members.allowOnly("key_path", "cert_path", "cert_url");
        return Optional.of(new Signer(
                Settings.path(members.required("key_path")),
                Settings.path(members, "cert_path"),
                Settings.text(members, "cert_url")));
    }

    private static Optional<KbsConfig.TpmKeys> tpmKeys(Optional<JsonCursor> given) throws JsonException {
        if (given.isEmpty()) {
            return Optional.empty();
        }
        JsonCursor.Members verifiers = given.get().object();
        verifiers.allowOnly("tpm_verifier");
        Optional<JsonCursor> tpm = verifiers.optional("tpm_verifier");
        if (tpm.isEmpty()) {
            return Optional.empty();
        }
        JsonCursor.Members members = tpm.get().object();
        members.allowOnly("trusted_ak_keys_dir", "max_trusted_ak_keys");
        return Optional.of(new KbsConfig.TpmKeys(
                Settings.path(members.required("trusted_ak_keys_dir")),
                Settings.number(members, "max_trusted_ak_keys", 1, MAX_TPM_KEYS, DEFAULT_TPM_KEYS)));
    }

    void apply(EmbeddedKbs.Builder builder) throws KbsException {
        builder.sessionLifetime(session).tokenProfile(profile);
        if (signer.isPresent()) {
            byte[] key = Settings.read(signer.get().key());
            try {
                Optional<byte[]> certificates = signer.get().certificates().isPresent()
                        ? Optional.of(Settings.read(signer.get().certificates().get()))
                        : Optional.empty();
                builder.tokenSigner(
                        TokenSigner.of(key, certificates, signer.get().url()));
            } catch (KbsProtocolException e) {
                throw new KbsException(signer.get().key() + ": " + e.getMessage(), e);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
    }
}
