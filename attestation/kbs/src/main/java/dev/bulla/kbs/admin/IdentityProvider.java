package dev.bulla.kbs.admin;

import static java.util.Objects.requireNonNull;

import dev.bulla.kbs.token.KeySet;
import java.security.PublicKey;
import java.util.Optional;

/**
 * Who issues administrators' tokens.
 *
 * @param issuer what {@code iss} must be, where it is given
 * @param audience what {@code aud} must be or contain, where it is given
 * @param role what {@code role} must be, where it is given: a provider for one role
 * @param key the key that signs tokens
 * @param keys the keys that sign tokens, named by {@code kid}
 */
public record IdentityProvider(
        Optional<String> issuer,
        Optional<String> audience,
        Optional<String> role,
        Optional<PublicKey> key,
        Optional<KeySet> keys) {
    public IdentityProvider {
        requireNonNull(issuer, "issuer is null");
        requireNonNull(audience, "audience is null");
        requireNonNull(role, "role is null");
        if (key.isEmpty() && keys.isEmpty()) {
            throw new IllegalArgumentException("an identity provider without a key");
        }
    }
}
