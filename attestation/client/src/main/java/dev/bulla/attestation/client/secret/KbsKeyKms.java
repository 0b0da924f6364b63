package dev.bulla.attestation.client.secret;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.oci.json.JsonObject;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Opens envelopes whose key is encrypted by a 32-byte key that the KBS holds; provider {@code kbs}, {@code key_id} its
 * resource URI.
 *
 * <p>An encrypted key is 12 bytes of initialization vector, the ciphertext and 16 bytes of tag, AES-256-GCM. It is a form
 * of ours: the Confidential Data Hub has no envelopes of the KBS.
 *
 * <p><b>Security.</b> The fetched key is wiped. Whether it is the wrong key or the envelope was altered is not told apart.
 */
public final class KbsKeyKms implements EnvelopeKms {
    /** The provider's name. */
    public static final String PROVIDER = "kbs";

    private static final int IV_LENGTH = 12;
    private static final int TAG_BITS = 128;

    private final ResourceSource keys;

    /** A KMS whose keys are resources of this source. */
    public KbsKeyKms(ResourceSource keys) {
        this.keys = requireNonNull(keys, "keys is null");
    }

    @Override
    public String provider() {
        return PROVIDER;
    }

    @Override
    public byte[] decrypt(byte[] encryptedKey, String keyId, JsonObject settings, JsonObject annotations)
            throws SealedSecretException, ResourceException {
        int expected = IV_LENGTH + SymmetricKey.LENGTH + TAG_BITS / 8;
        if (encryptedKey.length != expected) {
            throw new SealedSecretException(
                    Reason.MALFORMED, "encrypted_key: got " + encryptedKey.length + " bytes, expected " + expected);
        }
        ResourceUri uri;
        try {
            uri = ResourceUri.parse(keyId);
        } catch (KbsProtocolException e) {
            throw new SealedSecretException(Reason.MALFORMED, "key_id: " + e.getMessage(), e);
        }
        byte[] fetched = keys.fetch(uri.toUri(), VerificationJwk.MAX_LENGTH);
        if (fetched.length != SymmetricKey.LENGTH) {
            Arrays.fill(fetched, (byte) 0);
            throw new SealedSecretException(
                    Reason.DECRYPTION,
                    "key_id " + Quoted.text(keyId) + ": got " + fetched.length + " bytes, expected a key of "
                            + SymmetricKey.LENGTH);
        }
        try (SymmetricKey key = new SymmetricKey(fetched)) {
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, encryptedKey, 0, IV_LENGTH));
            return gcm.doFinal(encryptedKey, IV_LENGTH, encryptedKey.length - IV_LENGTH);
        } catch (GeneralSecurityException e) {
            throw new SealedSecretException(
                    Reason.DECRYPTION, "key_id " + Quoted.text(keyId) + " does not open encrypted_key", e);
        }
    }

    /**
     * Encrypts the key of an envelope.
     *
     * @param key what the KBS holds
     * @param envelopeKey what is encrypted
     */
    public static byte[] encrypt(SymmetricKey key, SymmetricKey envelopeKey, SecureRandom random) {
        byte[] iv = new byte[IV_LENGTH];
        random.nextBytes(iv);
        byte[] plain = envelopeKey.getEncoded();
        try {
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, iv));
            byte[] result = Arrays.copyOf(iv, IV_LENGTH + SymmetricKey.LENGTH + TAG_BITS / 8);
            int unused = gcm.doFinal(plain, 0, plain.length, result, IV_LENGTH);
            return result;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it, and the lengths are checked
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }
}
