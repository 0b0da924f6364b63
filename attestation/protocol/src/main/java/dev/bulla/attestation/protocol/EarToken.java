package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What we need of an attestation token's claims: an entity attestation result (draft-ietf-rats-ear) as Trustee's
 * attestation service writes it.
 *
 * @param issuedAt {@code iat}
 * @param expiresAt {@code exp}
 * @param statuses each submodule's {@code ear.status}, by its name such as {@code cpu0}
 * @param teePublicKey the key that {@code cpu0}'s evidence was bound to, if it says
 * @param claims all claims
 */
public record EarToken(
        Instant issuedAt,
        Instant expiresAt,
        Map<String, EarStatus> statuses,
        Optional<TeePublicKey> teePublicKey,
        JsonObject claims) {

    /** The submodule that stands for the TEE itself. */
    public static final String CPU = "cpu0";

    /** The last second that RFC 3339 can write, 9999-12-31T23:59:59Z. */
    private static final long MAX_SECONDS = 253_402_300_799L;

    public EarToken {
        requireNonNull(issuedAt, "issuedAt is null");
        requireNonNull(expiresAt, "expiresAt is null");
        statuses = Collections.unmodifiableMap(new LinkedHashMap<>(statuses));
        requireNonNull(teePublicKey, "teePublicKey is null");
        requireNonNull(claims, "claims is null");
    }

    /**
     * Reads claims.
     *
     * @param claims claims that the caller has verified, or has by another way from whoever issued them
     * @throws KbsProtocolException when they are malformed
     */
    public static EarToken of(JsonObject claims) throws KbsProtocolException {
        try {
            JsonCursor.Members members = new JsonCursor(claims, "$").object();
            Map<String, EarStatus> statuses = new LinkedHashMap<>();
            Optional<TeePublicKey> key = Optional.empty();
            Optional<JsonCursor> submods = members.optional("submods");
            if (submods.isPresent()) {
                for (var submod : submods.get().object().all().entrySet()) {
                    JsonCursor.Members appraisal = submod.getValue().object();
                    statuses.put(
                            submod.getKey(),
                            EarStatus.parse(appraisal.required("ear.status").string()));
                    if (submod.getKey().equals(CPU)) {
                        key = readKey(appraisal);
                    }
                }
            }
            return new EarToken(
                    readTime(members.required("iat")), readTime(members.required("exp")), statuses, key, claims);
        } catch (JsonException e) {
            throw new KbsProtocolException("token claims: " + e.getMessage(), e);
        }
    }

    private static Optional<TeePublicKey> readKey(JsonCursor.Members appraisal)
            throws JsonException, KbsProtocolException {
        Optional<JsonCursor> evidence = appraisal.present("ear.veraison.annotated-evidence");
        if (evidence.isEmpty()) {
            return Optional.empty();
        }
        Optional<JsonCursor> runtimeData = evidence.get().object().present("runtime_data_claims");
        if (runtimeData.isEmpty()) {
            return Optional.empty();
        }
        Optional<JsonCursor> key = runtimeData.get().object().present("tee-pubkey");
        return key.isEmpty() ? Optional.empty() : Optional.of(TeePublicKey.parseExperimental(key.get()));
    }

    private static Instant readTime(JsonCursor cursor) throws JsonException {
        return Instant.ofEpochSecond(cursor.integer(0, MAX_SECONDS));
    }

    /** Without the claims. */
    @Override
    public String toString() {
        return "EarToken[issuedAt=" + issuedAt + ", expiresAt=" + expiresAt + ", statuses=" + statuses + "]";
    }
}
