package dev.bulla.attestation.client.secret;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.security.interfaces.ECPublicKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the key that verifies sealed secrets: a JWK of {@code kty} EC and {@code crv} P-256.
 *
 * <p>Beside {@code x} and {@code y} it may have {@code alg} ES256, {@code use} sig, {@code key_ops} with verify, and
 * {@code kid}, which says nothing here: the key is the one that stands where it was looked for. A private part {@code d} is
 * left aside, as tools hand out both parts in one file.
 *
 * <p><b>Security.</b> The point is on the curve; another algorithm or use is refused, and so is a member that we do not know.
 */
public final class VerificationJwk {
    /** The longest text in bytes. */
    public static final int MAX_LENGTH = 16 * 1024;

    private VerificationJwk() {}

    /**
     * Reads one.
     *
     * @param json its text
     * @param origin where it came from, for messages
     * @throws SealedSecretException when it is not such a key
     */
    public static ECPublicKey parse(byte[] json, String origin) throws SealedSecretException {
        if (json.length > MAX_LENGTH) {
            throw refused(origin, json.length + " bytes, limit " + MAX_LENGTH, null);
        }
        try {
            JsonCursor.Members members = JsonCursor.parse(json).object();
            members.allowOnly("kty", "crv", "x", "y", "d", "alg", "use", "key_ops", "kid");
            expect(members.required("kty"), "EC");
            expect(members.required("crv"), EcCurve.P256.wireName());
            expectIfPresent(members, "alg", "ES256");
            expectIfPresent(members, "use", "sig");
            Optional<JsonCursor> operations = members.optional("key_ops");
            if (operations.isPresent() && !operations.get().strings().contains("verify")) {
                throw operations.get().refuse("expected \"verify\" among them");
            }
            return new TeePublicKey.Ec(EcCurve.P256, coordinate(members, "x"), coordinate(members, "y")).toKey();
        } catch (JsonException e) {
            throw refused(origin, e.getMessage(), e);
        } catch (KbsProtocolException e) {
            throw refused(origin, e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw refused(origin, "the point is not on P-256", e);
        }
    }

    private static String coordinate(JsonCursor.Members members, String name)
            throws JsonException, KbsProtocolException {
        JsonCursor member = members.required(name);
        int length = Base64Url.decode(member.string(), name).length;
        if (length != EcCurve.P256.coordinateLength()) {
            throw member.refuse("got " + length + " bytes, expected " + EcCurve.P256.coordinateLength());
        }
        return member.string();
    }

    private static void expect(JsonCursor member, String expected) throws JsonException {
        if (!member.string().equals(expected)) {
            throw member.refuse("got " + Quoted.text(member.string()) + ", expected \"" + expected + "\"");
        }
    }

    private static void expectIfPresent(JsonCursor.Members members, String name, String expected) throws JsonException {
        Optional<JsonCursor> member = members.optional(name);
        if (member.isPresent()) {
            expect(member.get(), expected);
        }
    }

    private static SealedSecretException refused(String origin, String problem, @Nullable Throwable cause) {
        return new SealedSecretException(Reason.KEY, "key " + Quoted.text(origin) + ": " + problem, cause);
    }
}
