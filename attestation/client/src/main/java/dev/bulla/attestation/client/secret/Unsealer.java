package dev.bulla.attestation.client.secret;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.SymmetricKey;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Opens sealed secrets: verifies them, and fetches or decrypts what they seal.
 *
 * <p>Providers are {@code kbs} for vaults, and those of the given {@link EnvelopeKms} for envelopes. Others are refused by
 * name, {@code aliyun}, {@code aws} and {@code ehsm} among them.
 *
 * <p><b>Security.</b> Nothing of a payload is followed before its signature is verified, unless the unsealer was made by
 * {@link #insecureSkippingVerification}. The plaintext is never a {@code String}; the caller wipes it.
 */
public final class Unsealer {
    /** The longest plaintext in bytes. */
    public static final int MAX_SECRET = 1024 * 1024;

    private static final int IV_LENGTH = 12;
    private static final int TAG_LENGTH = 16;

    private final Optional<SecretKeys> keys;
    private final ResourceSource vault;
    private final List<EnvelopeKms> kms;

    private Unsealer(Optional<SecretKeys> keys, ResourceSource vault, List<EnvelopeKms> kms) {
        this.keys = keys;
        this.vault = requireNonNull(vault, "vault is null");
        this.kms = List.copyOf(kms);
    }

    /**
     * An unsealer.
     *
     * @param keys what verifies
     * @param vault where vaults of the KBS are fetched from
     * @param kms what opens envelopes
     */
    public static Unsealer verifying(SecretKeys keys, ResourceSource vault, List<EnvelopeKms> kms) {
        return new Unsealer(Optional.of(keys), vault, kms);
    }

    /**
     * An unsealer that looks neither at header nor at signature.
     *
     * <p><b>Security.</b> Whoever carries a sealed secret then chooses which one the guest takes for its own.
     */
    public static Unsealer insecureSkippingVerification(ResourceSource vault, List<EnvelopeKms> kms) {
        return new Unsealer(Optional.empty(), vault, kms);
    }

    /**
     * Opens a sealed secret.
     *
     * @param text {@code sealed.…}, without white space around it
     * @return the plaintext, a fresh array that the caller wipes
     * @throws SealedSecretException when it is malformed, not signed by its key, or does not open
     * @throws ResourceException when the KBS does not give a key or the secret
     */
    public byte[] unseal(String text) throws SealedSecretException, ResourceException {
        SealedSecret sealed = SealedSecret.parse(text);
        SecretPayload payload =
                keys.isPresent() ? sealed.verify(keys.get().key(sealed.kid())) : sealed.insecureUnverifiedPayload();
        return switch (payload) {
            case SecretPayload.Vault secret -> fetch(secret);
            case SecretPayload.Envelope secret -> open(secret);
        };
    }

    private byte[] fetch(SecretPayload.Vault secret) throws SealedSecretException, ResourceException {
        if (!secret.provider().equals(KbsKeyKms.PROVIDER)) {
            throw unknown(secret.provider(), "a vault", "\"kbs\"");
        }
        try {
            return vault.fetch(ResourceUri.parse(secret.name()).toUri(), MAX_SECRET);
        } catch (KbsProtocolException e) {
            throw new SealedSecretException(Reason.MALFORMED, "payload: name: " + e.getMessage(), e);
        }
    }

    private byte[] open(SecretPayload.Envelope secret) throws SealedSecretException, ResourceException {
        EnvelopeKms opener = kms.stream()
                .filter(candidate -> candidate.provider().equals(secret.provider()))
                .findFirst()
                .orElseThrow(() -> unknown(
                        secret.provider(),
                        "an envelope",
                        kms.stream()
                                .map(known -> Quoted.text(known.provider()))
                                .reduce((one, other) -> one + " or " + other)
                                .orElse("no envelope")));
        if (!secret.wrapType().equals(SecretPayload.Envelope.A256GCM)) {
            throw new SealedSecretException(
                    Reason.MALFORMED,
                    "payload: wrap_type: got " + Quoted.text(secret.wrapType()) + ", expected \"A256GCM\"");
        }
        byte[] iv = base64(secret.iv(), "iv");
        if (iv.length != IV_LENGTH) {
            throw new SealedSecretException(
                    Reason.MALFORMED, "payload: iv: got " + iv.length + " bytes, expected " + IV_LENGTH);
        }
        byte[] data = base64(secret.encryptedData(), "encrypted_data");
        if (data.length < TAG_LENGTH || data.length > MAX_SECRET + TAG_LENGTH) {
            throw new SealedSecretException(
                    Reason.MALFORMED,
                    "payload: encrypted_data: got " + data.length + " bytes, expected " + TAG_LENGTH + " to "
                            + (MAX_SECRET + TAG_LENGTH));
        }
        byte[] key = opener.decrypt(
                base64(secret.encryptedKey(), "encrypted_key"),
                secret.keyId(),
                secret.providerSettings(),
                secret.annotations());
        return decrypt(key, iv, data);
    }

    private static byte[] decrypt(byte[] keyBytes, byte[] iv, byte[] data) throws SealedSecretException {
        if (keyBytes.length != SymmetricKey.LENGTH) {
            Arrays.fill(keyBytes, (byte) 0);
            throw new SealedSecretException(
                    Reason.DECRYPTION,
                    "encrypted_key: a key of " + keyBytes.length + " bytes, expected " + SymmetricKey.LENGTH);
        }
        try (SymmetricKey key = new SymmetricKey(keyBytes)) {
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_LENGTH * 8, iv));
            return gcm.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new SealedSecretException(Reason.DECRYPTION, "encrypted_data does not open with its key and iv", e);
        }
    }

    private static byte[] base64(String text, String name) throws SealedSecretException {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new SealedSecretException(Reason.MALFORMED, "payload: " + name + ": not base64", e);
        }
        throw new SealedSecretException(Reason.MALFORMED, "payload: " + name + ": not canonical base64");
    }

    private static SealedSecretException unknown(String provider, String what, String expected) {
        return new SealedSecretException(
                Reason.PROVIDER, "provider: got " + Quoted.text(provider) + " for " + what + ", expected " + expected);
    }
}
