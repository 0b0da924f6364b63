package dev.bulla.kbs;

import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.kbs.fault.KbsFault;
import dev.bulla.kbs.fault.KbsFaults;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The one place where ordered faults come in. */
final class FaultInjection {
    private static final int SECRET_LENGTH = 32;

    private final KbsFaults faults;
    private final SessionTable sessions;
    private final SecureRandom random;

    FaultInjection(KbsFaults faults, SessionTable sessions, SecureRandom random) {
        this.faults = faults;
        this.sessions = sessions;
        this.random = random;
    }

    Optional<KbsFault> next(KbsRequest request) {
        return faults.next(request.method(), String.join("/", request.path()));
    }

    /** What happens before the request is looked at. */
    void before(KbsFault fault, KbsRequest request) throws KbsRefusal {
        switch (fault) {
            case KbsFault.ExpiredNonce expired -> request.cookie().ifPresent(sessions::drop);
            case KbsFault.Unauthorized unauthorized ->
                throw new KbsRefusal(ErrorVariant.TOKEN_NOT_FOUND, "Attestation Token not found");
            default -> {}
        }
    }

    /** What becomes of the answer. */
    KbsResponse after(KbsFault fault, KbsResponse right) {
        return switch (fault) {
            case KbsFault.WrongKey wrong -> {
                Optional<JsonObject> jwe = jwe(right);
                yield jwe.isEmpty() ? right : KbsResponse.json(toAnotherKey(jwe.get()));
            }
            case KbsFault.BadTag bad -> {
                Optional<JsonObject> jwe = jwe(right);
                yield jwe.isEmpty() ? right : KbsResponse.json(withBadTag(jwe.get()));
            }
            default -> right;
        };
    }

    private static Optional<JsonObject> jwe(KbsResponse response) {
        try {
            return response.status() == 200
                            && JsonCursor.parse(response.body()).value() instanceof JsonObject object
                            && object.get("tag").isPresent()
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JsonException e) {
            return Optional.empty();
        }
    }

    private byte[] toAnotherKey(JsonObject jwe) {
        byte[] secret = new byte[SECRET_LENGTH];
        random.nextBytes(secret);
        try (TeeKeyPair other = TeeKeyPair.generate(algorithm(jwe), random)) {
            return KbsJwe.seal(secret, other.publicKey(), random);
        }
    }

    private static TeeKeyAlgorithm algorithm(JsonObject jwe) {
        String header = new String(bytes(jwe, "protected"), StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        if (header.contains("rsa")) {
            return TeeKeyAlgorithm.RSA_2048;
        }
        return header.contains("p-521") ? TeeKeyAlgorithm.EC_P521 : TeeKeyAlgorithm.EC_P256;
    }

    private static byte[] withBadTag(JsonObject jwe) {
        byte[] tag = bytes(jwe, "tag");
        tag[0] ^= 1;
        JsonObject.Builder changed = JsonObject.builder();
        for (Map.Entry<String, JsonValue> member : jwe.members().entrySet()) {
            changed.put(
                    member.getKey(),
                    member.getKey().equals("tag") ? new JsonString(Base64Url.encode(tag)) : member.getValue());
        }
        return JsonWriter.compact(changed.build()).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(JsonObject jwe, String name) {
        try {
            return Base64Url.decode(
                    new JsonCursor(jwe, "$").object().required(name).string(), name);
        } catch (JsonException | KbsProtocolException e) {
            throw new IllegalStateException(e); // we wrote it
        }
    }
}
