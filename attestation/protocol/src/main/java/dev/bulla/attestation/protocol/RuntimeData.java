package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;

/**
 * What a guest's evidence is bound to: the challenge it answers and the key to which resources are encrypted.
 *
 * @param nonce the challenge's nonce as it stood
 * @param teePublicKey the guest's key
 */
public record RuntimeData(String nonce, TeePublicKey teePublicKey) {
    public RuntimeData {
        requireNonNull(nonce, "nonce is null");
        requireNonNull(teePublicKey, "teePublicKey is null");
    }

    /** {@code {"nonce","tee-pubkey"}}. */
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("nonce", nonce)
                .put("tee-pubkey", teePublicKey.toJwk())
                .build();
    }
}
