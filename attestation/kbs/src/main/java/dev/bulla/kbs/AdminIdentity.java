package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.admin.AdminAuthorization;
import dev.bulla.kbs.admin.EndpointPattern;
import dev.bulla.kbs.admin.EndpointRule;
import dev.bulla.kbs.admin.IdentityProvider;
import dev.bulla.kbs.admin.TokenAuthorization;
import dev.bulla.kbs.token.PemText;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Who may administer a KBS: the bearer of a JWT that this key signed (EdDSA, ES256 or RS256), with this role and, where they are
 * given, this issuer and audience.
 *
 * @param key the public key, Ed25519, EC P-256 or RSA
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
     * Reads a public key, Ed25519, EC or RSA.
     *
     * @param pem a text with one {@code PUBLIC KEY} block
     * @throws KbsException when it is anything else
     */
    public static PublicKey parseKey(byte[] pem) throws KbsException {
        try {
            return PemText.publicKey(pem);
        } catch (KbsProtocolException e) {
            throw new KbsException("administrator's key: " + e.getMessage(), e);
        }
    }

    /** Lets these do everything; with none, lets nobody in. */
    static AdminAuthorization authorization(List<AdminIdentity> administrators, InstantSource time) {
        if (administrators.isEmpty()) {
            return new AdminAuthorization.DenyAll();
        }
        // Each is a provider of its own with a rule of its own: a role goes with the key it was given to.
        return new TokenAuthorization(
                administrators.stream()
                        .map(administrator -> new IdentityProvider(
                                administrator.issuer(),
                                administrator.audience(),
                                Optional.of(administrator.role()),
                                Optional.of(administrator.key()),
                                Optional.empty()))
                        .toList(),
                administrators.stream()
                        .map(administrator -> new EndpointRule(administrator.role(), EndpointPattern.EVERYTHING))
                        .toList(),
                time);
    }
}
