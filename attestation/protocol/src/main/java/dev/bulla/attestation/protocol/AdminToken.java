package dev.bulla.attestation.protocol;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The token by which an administrator is known to a KBS: a JWT with {@code role}, {@code iat} and {@code exp}. */
public final class AdminToken {
    private AdminToken() {}

    /**
     * A signed token.
     *
     * @param key the administrator's key, Ed25519 or EC P-256
     * @param role the role, by which the KBS decides what the bearer may do
     * @param issuer {@code iss}, where the KBS asks for one
     * @param audience {@code aud}, where the KBS asks for one
     * @param issuedAt {@code iat}
     * @param expiresAt {@code exp}
     * @return the compact serialisation, a bearer secret
     * @throws KbsProtocolException when the key signs neither
     */
    public static String sign(
            PrivateKey key,
            String role,
            Optional<String> issuer,
            Optional<String> audience,
            Instant issuedAt,
            Instant expiresAt)
            throws KbsProtocolException {
        JsonObject.Builder claims = JsonObject.builder();
        issuer.ifPresent(text -> claims.put("iss", text));
        audience.ifPresent(text -> claims.put("aud", JsonArray.ofStrings(List.of(text))));
        claims.put("role", role).put("iat", issuedAt.getEpochSecond()).put("exp", expiresAt.getEpochSecond());
        return CompactJws.sign(JsonObject.builder().build(), claims.build(), key);
    }
}
