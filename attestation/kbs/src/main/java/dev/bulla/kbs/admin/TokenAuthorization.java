package dev.bulla.kbs.admin;

import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.token.KeySet;
import dev.bulla.kbs.token.VerificationKey;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Lets administrators in by their JWT (EdDSA, ES256 or RS256) and their role's rules.
 *
 * <p>{@code role} and {@code exp} are required; {@code nbf}, where it is given, is heeded; both times with {@link #LEEWAY},
 * since the token was made on another machine. {@code iss} and {@code aud} must be the provider's, where it names them.
 */
public final class TokenAuthorization implements AdminAuthorization.Authenticated {
    /** By how much the administrator's clock and ours may differ. */
    public static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final long MAX_SECONDS = 253_402_300_799L;

    private final List<IdentityProvider> providers;
    private final List<EndpointRule> rules;
    private final InstantSource time;

    /** Lets those in whom one of the providers names and one of the rules allows. */
    public TokenAuthorization(List<IdentityProvider> providers, List<EndpointRule> rules, InstantSource time) {
        this.providers = List.copyOf(providers);
        this.rules = List.copyOf(rules);
        this.time = time;
    }

    @Override
    public String admit(Optional<String> bearer, String path) throws AdminException {
        if (bearer.isEmpty()) {
            throw new AdminException("no bearer token");
        }
        String reason = "no identity provider is configured";
        for (IdentityProvider provider : providers) {
            try {
                String role = role(bearer.get(), provider);
                requireAllowed(role, path);
                return role;
            } catch (KbsProtocolException | JsonException | AdminException e) {
                reason = String.valueOf(e.getMessage());
            }
        }
        throw new AdminException(reason);
    }

    private void requireAllowed(String role, String path) throws AdminException {
        for (EndpointRule rule : rules) {
            if (rule.role().equals(role) && rule.endpoints().matches(path)) {
                return;
            }
        }
        throw new AdminException("no rule lets role " + Quoted.text(role) + " reach " + path);
    }

    private String role(String token, IdentityProvider provider) throws KbsProtocolException, JsonException {
        CompactJws jws = CompactJws.parse(token);
        JsonCursor.Members claims = new JsonCursor(jws.verify(key(jws, provider)), "$").object();
        Instant now = time.instant();
        JsonCursor exp = claims.required("exp");
        if (!now.isBefore(instant(exp).plus(LEEWAY))) {
            throw exp.refuse("the token expired");
        }
        Optional<JsonCursor> nbf = claims.optional("nbf");
        if (nbf.isPresent() && now.plus(LEEWAY).isBefore(instant(nbf.get()))) {
            throw nbf.get().refuse("the token is not valid yet");
        }
        JsonCursor role = claims.required("role");
        if (!provider.role().orElse(role.string()).equals(role.string())) {
            throw role.refuse("another role");
        }
        if (provider.issuer().isPresent()) {
            JsonCursor issuer = claims.required("iss");
            if (!issuer.string().equals(provider.issuer().get())) {
                throw issuer.refuse("another issuer");
            }
        }
        if (provider.audience().isPresent()) {
            JsonCursor audience = claims.required("aud");
            JsonValue expected = new JsonString(provider.audience().get());
            boolean named = audience.value().equals(expected)
                    || (audience.value() instanceof JsonArray list
                            && list.items().contains(expected));
            if (!named) {
                throw audience.refuse("another audience");
            }
        }
        return role.string();
    }

    private static PublicKey key(CompactJws jws, IdentityProvider provider) throws KbsProtocolException, JsonException {
        Optional<JsonCursor> kid = new JsonCursor(jws.header(), "$").object().optional("kid");
        Optional<KeySet> keys = provider.keys();
        if (kid.isPresent() && keys.isPresent()) {
            Optional<PublicKey> named = keys.get().find(kid.get().string()).map(VerificationKey::key);
            if (named.isPresent()) {
                return named.get();
            }
        }
        return provider.key()
                .orElseThrow(() -> new KbsProtocolException("token: no key of its \"kid\" in the provider's set"));
    }

    private static Instant instant(JsonCursor seconds) throws JsonException {
        return Instant.ofEpochSecond(seconds.integer(0, MAX_SECONDS));
    }
}
