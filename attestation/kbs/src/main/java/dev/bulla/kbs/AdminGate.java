package dev.bulla.kbs;

import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Lets administrators in, by their JWT; with nobody configured, nobody.
 *
 * <p>{@code role} and {@code exp} are required; {@code nbf}, where it is given, is heeded; both times with {@link #LEEWAY},
 * since the token was made on another machine.
 */
final class AdminGate {
    /** By how much the administrator's clock and ours may differ. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final long MAX_SECONDS = 253_402_300_799L;

    private final List<AdminIdentity> administrators;
    private final InstantSource time;

    AdminGate(List<AdminIdentity> administrators, InstantSource time) {
        this.administrators = List.copyOf(administrators);
        this.time = time;
    }

    /**
     * Lets the bearer of this token in.
     *
     * @param bearer the token, if the request has one
     * @param variant what a refusal is called on this endpoint
     * @throws KbsRefusal when the bearer is no administrator; why, goes to the audit log alone
     */
    void admit(Optional<String> bearer, ErrorVariant variant) throws KbsRefusal {
        String reason = "no administrator is configured";
        if (bearer.isEmpty()) {
            reason = "no bearer token";
        } else {
            for (AdminIdentity administrator : administrators) {
                try {
                    verify(bearer.get(), administrator);
                    return;
                } catch (KbsProtocolException | JsonException e) {
                    reason = e.getMessage();
                }
            }
        }
        throw new KbsRefusal(variant, "Admin access denied", "administrator refused: " + reason);
    }

    private void verify(String token, AdminIdentity administrator) throws KbsProtocolException, JsonException {
        JsonCursor.Members claims = new JsonCursor(CompactJws.parse(token).verify(administrator.key()), "$").object();
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
        if (!role.string().equals(administrator.role())) {
            throw role.refuse("another role");
        }
        if (administrator.issuer().isPresent()) {
            JsonCursor issuer = claims.required("iss");
            if (!issuer.string().equals(administrator.issuer().get())) {
                throw issuer.refuse("another issuer");
            }
        }
        if (administrator.audience().isPresent()) {
            JsonCursor audience = claims.required("aud");
            JsonValue expected = new JsonString(administrator.audience().get());
            boolean named = audience.value().equals(expected)
                    || (audience.value() instanceof JsonArray list
                            && list.items().contains(expected));
            if (!named) {
                throw audience.refuse("another audience");
            }
        }
    }

    private static Instant instant(JsonCursor seconds) throws JsonException {
        return Instant.ofEpochSecond(seconds.integer(0, MAX_SECONDS));
    }
}
