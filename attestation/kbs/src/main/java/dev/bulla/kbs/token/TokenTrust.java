package dev.bulla.kbs.token;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which attestation tokens are believed: those that the KBS's own key signed, a key whose certificates lead to a trusted
 * root, or a key of a trusted JWK set.
 *
 * <p><b>Security.</b> The algorithm follows from the key. A header with {@code jwk} needs the KBS's own key there, or
 * endorsement; one with {@code kid} alone needs a key of that name; where both stand, and the name is that of a key we know,
 * they must be the same key. {@code exp} is required; {@code nbf}, where it is given, is heeded. Tokens of others get
 * {@link #LEEWAY} since their issuer has another clock, our own get none.
 */
public final class TokenTrust {
    /** By how much another issuer's clock and ours may differ. */
    public static final Duration LEEWAY = Duration.ofSeconds(60);

    /** Where tokens of several services have the TEE's public key, in Trustee's order (RFC 6901 pointers). */
    private static final List<String> KEY_PATHS = List.of(
            "/tdx/attester_runtime_data/tee-pubkey",
            "/tdx/attester_user_data/tee-pubkey",
            "/customized_claims/runtime_data/tee-pubkey",
            "/submods/cpu0/ear.veraison.annotated-evidence/runtime_data_claims/tee-pubkey",
            "/tee-pubkey");

    private static final long MAX_SECONDS = 253_402_300_799L;

    private final InstantSource time;
    private final TokenSigner own;
    private final Optional<CertificateTrust> certificates;
    private final List<KeySet> keySets;
    private final List<String> keyPaths;
    private final boolean insecureHeaderJwk;
    private final boolean experimentalKeys;

    /**
     * Trust in these.
     *
     * @param own the KBS's own key
     * @param anchors what else is trusted
     * @param experimentalKeys whether a token's TEE key may be of an experimental kind
     */
    public TokenTrust(InstantSource time, TokenSigner own, TokenAnchors anchors, boolean experimentalKeys) {
        this.time = requireNonNull(time, "time is null");
        this.own = requireNonNull(own, "own is null");
        this.certificates = anchors.certificates();
        this.keySets = anchors.keySets();
        this.keyPaths = new ArrayList<>(anchors.extraTeeKeyPaths());
        this.keyPaths.addAll(KEY_PATHS);
        this.insecureHeaderJwk = anchors.insecureHeaderJwk();
        this.experimentalKeys = experimentalKeys;
    }

    /**
     * The claims of a token that is believed and holds now.
     *
     * @throws KbsProtocolException when it is not
     */
    public EarToken verify(String token) throws KbsProtocolException {
        CompactJws jws = CompactJws.parse(token);
        PublicKey key = key(jws.header());
        EarToken claims = withTeeKey(EarToken.of(jws.verify(key)));
        requireCurrent(claims, key.equals(own.publicKey()) ? Duration.ZERO : LEEWAY);
        return claims;
    }

    private PublicKey key(JsonObject header) throws KbsProtocolException {
        try {
            JsonCursor.Members members = new JsonCursor(header, "$").object();
            Optional<JsonCursor> kid = members.optional("kid");
            Optional<PublicKey> named = Optional.empty();
            if (kid.isPresent()) {
                named = find(kid.get().string());
            }
            Optional<JsonCursor> jwk = members.optional("jwk");
            if (jwk.isEmpty()) {
                if (kid.isEmpty()) {
                    throw new KbsProtocolException("token header: neither \"jwk\" nor \"kid\"");
                }
                String name = kid.get().string();
                return named.orElseThrow(
                        () -> new KbsProtocolException("token header: no trusted key " + Quoted.text(name)));
            }
            VerificationKey shown = VerificationKey.parse(jwk.get());
            if (named.isPresent() && !named.get().equals(shown.key())) {
                throw new KbsProtocolException("token header: \"kid\" and \"jwk\" are of two keys");
            }
            if (named.isEmpty() && !shown.key().equals(own.publicKey()) && !insecureHeaderJwk) {
                certificates
                        .orElseThrow(() -> new KbsProtocolException(
                                "token header: \"jwk\" is not the KBS's own key, and no certificates are trusted"))
                        .requireEndorsed(shown);
            }
            return shown.key();
        } catch (JsonException e) {
            throw new KbsProtocolException("token header: " + e.getMessage(), e);
        }
    }

    private Optional<PublicKey> find(String name) {
        if (name.equals(own.id())) {
            return Optional.of(own.publicKey());
        }
        return keySets.stream()
                .flatMap(set -> set.find(name).stream())
                .map(VerificationKey::key)
                .findFirst();
    }

    /** Refuses the KBS's own claims when they have expired. */
    public void requireCurrent(EarToken claims) throws KbsProtocolException {
        requireCurrent(claims, Duration.ZERO);
    }

    private void requireCurrent(EarToken claims, Duration leeway) throws KbsProtocolException {
        Instant now = time.instant();
        if (!now.isBefore(claims.expiresAt().plus(leeway))) {
            throw new KbsProtocolException("token: it expired at " + claims.expiresAt());
        }
        try {
            Optional<JsonCursor> nbf =
                    new JsonCursor(claims.claims(), "$").object().optional("nbf");
            if (nbf.isPresent()
                    && now.plus(leeway).isBefore(Instant.ofEpochSecond(nbf.get().integer(0, MAX_SECONDS)))) {
                throw nbf.get().refuse("it is not valid yet");
            }
        } catch (JsonException e) {
            throw new KbsProtocolException("token: " + e.getMessage(), e);
        }
    }

    private EarToken withTeeKey(EarToken token) throws KbsProtocolException {
        for (String path : keyPaths) {
            Optional<JsonValue> found = point(token.claims(), path);
            if (found.isPresent()) {
                JsonCursor key = new JsonCursor(found.get(), "$" + path);
                return new EarToken(
                        token.issuedAt(),
                        token.expiresAt(),
                        token.statuses(),
                        Optional.of(experimentalKeys ? TeePublicKey.parseExperimental(key) : TeePublicKey.parse(key)),
                        token.claims());
            }
        }
        return token;
    }

    /** What a pointer of member names (RFC 6901) leads to. */
    private static Optional<JsonValue> point(JsonValue root, String pointer) {
        JsonValue value = root;
        for (String part : pointer.substring(1).split("/", -1)) {
            String name = part.replace("~1", "/").replace("~0", "~");
            if (!(value instanceof JsonObject object) || object.get(name).isEmpty()) {
                return Optional.empty();
            }
            value = object.get(name).get();
        }
        return Optional.of(value);
    }
}
