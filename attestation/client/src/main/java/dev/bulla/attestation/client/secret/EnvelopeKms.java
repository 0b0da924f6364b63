package dev.bulla.attestation.client.secret;

import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonObject;

/** Opens the keys of envelopes; one a provider. */
public interface EnvelopeKms {

    /** The provider's name in a payload. */
    String provider();

    /**
     * Decrypts the key of an envelope.
     *
     * @param encryptedKey the key as the KMS encrypted it
     * @param keyId by which key of the KMS
     * @param settings how the KMS is reached
     * @param annotations what else it needs
     * @return a fresh array that the caller wipes
     * @throws SealedSecretException when the KMS does not open it
     * @throws ResourceException when what it needs is not to be had
     */
    byte[] decrypt(byte[] encryptedKey, String keyId, JsonObject settings, JsonObject annotations)
            throws SealedSecretException, ResourceException;
}
