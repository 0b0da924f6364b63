package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;

/**
 * Who may administer a KBS: the bearer of a JWT that this key signed (EdDSA or ES256), with this role and, where they are
 * given, this issuer and audience.
 *
 * @param key the public key, Ed25519 or EC P-256
 * @param role what {@code role} must be
 * @param issuer what {@code iss} must be
 * @param audience what {@code aud} must be or contain
 */
public record AdminIdentity(PublicKey key, String role, Optional<String> issuer, Optional<String> audience) {
    public AdminIdentity {
        requireNonNull(key, "key is null");
        if (role.isEmpty()) {
            throw new IllegalArgumentException("the role is empty");
        }
        requireNonNull(issuer, "issuer is null");
        requireNonNull(audience, "audience is null");
    }

    /** Whoever has this key and role. */
    public static AdminIdentity of(PublicKey key, String role) {
        return new AdminIdentity(key, role, Optional.empty(), Optional.empty());
    }

    /**
     * Reads a public key, Ed25519 or EC.
     *
     * @param pem a text with one {@code PUBLIC KEY} block
     * @throws KbsException when it is anything else
     */
    public static PublicKey parseKey(byte[] pem) throws KbsException {
        byte[] der = PemBlocks.single(pem, "PUBLIC KEY");
        try {
            try {
                return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
            }
        } catch (GeneralSecurityException e) {
            throw new KbsException("administrator's key: expected Ed25519 or EC", e);
        }
    }
}
