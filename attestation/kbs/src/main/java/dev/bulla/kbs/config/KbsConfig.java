package dev.bulla.kbs.config;

import static java.util.Objects.requireNonNull;

import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.toml.TomlText;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A configuration that was read; files that it names are read when a KBS is made of it, relative to the current folder as with
 * Trustee.
 *
 * <p>Tables: {@code http_server}, {@code admin}, {@code attestation_token}, {@code attestation_service} (of type
 * {@code coco_as_builtin}), {@code storage_backend}, {@code plugins}, {@code bulla}; and {@code session_storage_type}.
 */
public final class KbsConfig {
    private final HttpSettings http;
    private final AdminSettings admin;
    private final TokenSettings token;
    private final AttestationSettings attestation;
    private final StorageSettings storage;
    private final BullaSettings own;
    private final List<String> notes;

    private KbsConfig(JsonCursor.Members root) throws JsonException {
        root.allowOnly(
                "http_server",
                "admin",
                "attestation_token",
                "attestation_service",
                "storage_backend",
                "session_storage_type",
                "plugins",
                "bulla");
        List<String> said = new ArrayList<>();
        Optional<JsonCursor> sessions = root.optional("session_storage_type");
        if (sessions.isPresent()) {
            Settings.requireWord(sessions.get(), "Memory", "memory");
        }
        this.http = HttpSettings.read(root.optional("http_server"), said);
        this.admin = AdminSettings.read(root.optional("admin"), said);
        this.token = TokenSettings.read(root.optional("attestation_token"), said);
        this.attestation = AttestationSettings.read(root.optional("attestation_service"));
        this.storage = StorageSettings.read(root.optional("storage_backend"), root.optional("plugins"), said);
        this.own = BullaSettings.read(root.optional("bulla"), said);
        if (own.storageKeyFile().isEmpty()
                && (storage.folder().isPresent() || storage.resources().kind() == StorageSettings.Kind.NESTED_FOLDER)) {
            said.add("storage_backend: resources are kept in plain files; bulla.storage_key_file seals them");
        }
        this.notes = List.copyOf(said);
    }

    /**
     * Reads a file's text.
     *
     * @throws KbsException when it is not TOML, has a key that is not known, or a value that is not supported
     */
    public static KbsConfig parse(byte[] toml) throws KbsException {
        try {
            return new KbsConfig(TomlText.parse(toml).object());
        } catch (OciException e) {
            throw new KbsException("KBS configuration: " + e.getMessage(), e);
        }
    }

    /** What the operator should know of this configuration, a line each: what is insecure, what is off. */
    public List<String> notes() {
        return notes;
    }

    /** Whether sample evidence is taken, by the name of {@code insecure_accept_sample_evidence}. */
    public boolean acceptsSampleEvidence() {
        return own.sampleEvidence();
    }

    /** The trusted keys of {@code verifier_config.tpm_verifier}, where it is there. */
    public Optional<TpmKeys> tpmKeys() {
        return attestation.tpmKeys();
    }

    /**
     * Which TPM attestation keys are trusted.
     *
     * @param folder a folder of public keys
     * @param most how many are read at most
     */
    public record TpmKeys(Path folder, int most) {
        public TpmKeys {
            requireNonNull(folder, "folder is null");
        }
    }

    /**
     * A builder of the KBS that this configuration says: it takes hardware's evidence, a TPM's where its keys are named, and
     * sample evidence only where the configuration says so by that name.
     *
     * @throws KbsException when a file that it names is not usable
     */
    public EmbeddedKbs.Builder toBuilder(InstantSource time, SecureRandom random) throws KbsException {
        EmbeddedKbs.Builder builder = EmbeddedKbs.builder().time(time).random(random);
        http.apply(builder);
        admin.apply(builder, time);
        token.apply(builder, time);
        attestation.apply(builder);
        own.apply(builder, http);
        new VerifierSettings(own.tdxCollateral(), attestation.tpmKeys()).apply(builder, time);
        storage.apply(builder, own.storageKey(), time, random);
        return builder;
    }
}
