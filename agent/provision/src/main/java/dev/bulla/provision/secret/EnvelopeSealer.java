package dev.bulla.provision.secret;

import dev.bulla.attestation.client.secret.KbsKeyKms;
import dev.bulla.attestation.client.secret.SecretPayload;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.oci.json.JsonObject;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/** Puts a secret into an envelope under a key that the KBS holds; see {@link KbsKeyKms}. */
public final class EnvelopeSealer {
    private static final int IV_LENGTH = 12;
    private static final int TAG_BITS = 128;

    private final SecureRandom random;

    public EnvelopeSealer(SecureRandom random) {
        this.random = random;
    }

    /**
     * Encrypts a secret under a new key, and that key under the KBS's.
     *
     * @param keyId the resource URI of the KBS's key
     * @param key the KBS's key
     * @param secret the secret; the caller wipes it
     */
    public SecretPayload.Envelope seal(String keyId, SymmetricKey key, byte[] secret) {
        byte[] bytes = new byte[SymmetricKey.LENGTH];
        random.nextBytes(bytes);
        byte[] iv = new byte[IV_LENGTH];
        random.nextBytes(iv);
        JsonObject none = JsonObject.builder().build();
        Base64.Encoder base64 = Base64.getEncoder();
        try (SymmetricKey envelopeKey = new SymmetricKey(bytes)) {
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.ENCRYPT_MODE, envelopeKey, new GCMParameterSpec(TAG_BITS, iv));
            return new SecretPayload.Envelope(
                    keyId,
                    base64.encodeToString(KbsKeyKms.encrypt(key, envelopeKey, random)),
                    base64.encodeToString(gcm.doFinal(secret)),
                    SecretPayload.Envelope.A256GCM,
                    base64.encodeToString(iv),
                    KbsKeyKms.PROVIDER,
                    none,
                    none);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
