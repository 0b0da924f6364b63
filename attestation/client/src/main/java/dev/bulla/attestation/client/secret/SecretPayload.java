package dev.bulla.attestation.client.secret;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;

/**
 * What a sealed secret says: version {@code 0.1.0}, a {@code type}, and that type's members, all of which are required.
 *
 * <p>The texts of an envelope are looked at when it is opened: only the provider's KMS knows what they must be.
 */
public sealed interface SecretPayload {
    /** The one version. */
    String VERSION = "0.1.0";

    /** Who holds the secret, or the key to it: {@code kbs}. */
    String provider();

    /** How the provider is reached; what is in it is the provider's. */
    JsonObject providerSettings();

    /** What else the provider needs. */
    JsonObject annotations();

    /** The payload as it is signed. */
    JsonObject toJson();

    /**
     * A secret that stands elsewhere.
     *
     * @param name where: with the KBS a resource URI
     */
    record Vault(String name, String provider, JsonObject providerSettings, JsonObject annotations)
            implements SecretPayload {
        static final String TYPE = "vault";

        public Vault {
            requireNonNull(name, "name is null");
            requireNonNull(provider, "provider is null");
            requireNonNull(providerSettings, "providerSettings is null");
            requireNonNull(annotations, "annotations is null");
        }

        @Override
        public JsonObject toJson() {
            return JsonObject.builder()
                    .put("version", VERSION)
                    .put("type", TYPE)
                    .put("name", name)
                    .put("provider", provider)
                    .put("provider_settings", providerSettings)
                    .put("annotations", annotations)
                    .build();
        }
    }

    /**
     * A secret encrypted by a key that a KMS has encrypted.
     *
     * @param keyId by which key of the KMS
     * @param encryptedKey the secret's key as the KMS encrypted it, base64
     * @param encryptedData the secret, base64: the ciphertext and GCM's tag
     * @param wrapType how the secret is encrypted: {@code A256GCM}
     * @param iv GCM's 12 bytes, base64
     */
    record Envelope(
            String keyId,
            String encryptedKey,
            String encryptedData,
            String wrapType,
            String iv,
            String provider,
            JsonObject providerSettings,
            JsonObject annotations)
            implements SecretPayload {
        static final String TYPE = "envelope";

        /** The one way of encryption that is opened. */
        public static final String A256GCM = "A256GCM";

        public Envelope {
            requireNonNull(keyId, "keyId is null");
            requireNonNull(encryptedKey, "encryptedKey is null");
            requireNonNull(encryptedData, "encryptedData is null");
            requireNonNull(wrapType, "wrapType is null");
            requireNonNull(iv, "iv is null");
            requireNonNull(provider, "provider is null");
            requireNonNull(providerSettings, "providerSettings is null");
            requireNonNull(annotations, "annotations is null");
        }

        @Override
        public JsonObject toJson() {
            return JsonObject.builder()
                    .put("version", VERSION)
                    .put("type", TYPE)
                    .put("key_id", keyId)
                    .put("encrypted_key", encryptedKey)
                    .put("encrypted_data", encryptedData)
                    .put("wrap_type", wrapType)
                    .put("iv", iv)
                    .put("provider", provider)
                    .put("provider_settings", providerSettings)
                    .put("annotations", annotations)
                    .build();
        }
    }

    /**
     * Reads a payload.
     *
     * @param json its text, which the caller has verified
     * @throws SealedSecretException when it is malformed
     */
    static SecretPayload parse(byte[] json) throws SealedSecretException {
        try {
            JsonCursor.Members members = JsonCursor.parse(json).object();
            JsonCursor version = members.required("version");
            if (!version.string().equals(VERSION)) {
                throw version.refuse("got " + Quoted.text(version.string()) + ", expected \"" + VERSION + "\"");
            }
            JsonCursor type = members.required("type");
            return switch (type.string()) {
                case Vault.TYPE -> vault(members);
                case Envelope.TYPE -> envelope(members);
                default ->
                    throw type.refuse("got " + Quoted.text(type.string()) + ", expected \"vault\" or \"envelope\"");
            };
        } catch (JsonException e) {
            throw new SealedSecretException(SealedSecretException.Reason.MALFORMED, "payload: " + e.getMessage(), e);
        }
    }

    private static Vault vault(JsonCursor.Members members) throws JsonException {
        members.allowOnly("version", "type", "name", "provider", "provider_settings", "annotations");
        return new Vault(
                members.required("name").string(),
                members.required("provider").string(),
                object(members, "provider_settings"),
                object(members, "annotations"));
    }

    private static Envelope envelope(JsonCursor.Members members) throws JsonException {
        members.allowOnly(
                "version",
                "type",
                "key_id",
                "encrypted_key",
                "encrypted_data",
                "wrap_type",
                "iv",
                "provider",
                "provider_settings",
                "annotations");
        return new Envelope(
                members.required("key_id").string(),
                members.required("encrypted_key").string(),
                members.required("encrypted_data").string(),
                members.required("wrap_type").string(),
                members.required("iv").string(),
                members.required("provider").string(),
                object(members, "provider_settings"),
                object(members, "annotations"));
    }

    private static JsonObject object(JsonCursor.Members members, String name) throws JsonException {
        return members.required(name).object().value();
    }
}
