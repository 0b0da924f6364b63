package dev.bulla.attestation.protocol;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.util.Locale;
import java.util.Optional;

/**
 * A signed token in RFC 7515's compact serialisation whose payload is a JSON object: a JWT.
 *
 * <p>Algorithms are ES256 (P-256), EdDSA (Ed25519) and RS256 (RSA of at least 2048 bits).
 *
 * <p><b>Security.</b> The algorithm follows from the key that the verifier brings; a header that names another one,
 * {@code none} included, or has {@code crit} is refused. Header and payload are strict JSON. Claims come out unverified only
 * by {@link #unverifiedClaims}.
 */
public final class CompactJws {
    /** The longest text. */
    public static final int MAX_LENGTH = 256 * 1024;

    private static final int MIN_RSA_BITS = 2048;

    private final JsonObject header;
    private final JsonObject claims;
    private final byte[] signingInput;
    private final byte[] signature;

    private CompactJws(JsonObject header, JsonObject claims, byte[] signingInput, byte[] signature) {
        this.header = header;
        this.claims = claims;
        this.signingInput = signingInput;
        this.signature = signature;
    }

    /**
     * Reads {@code header.payload.signature} without verifying it.
     *
     * @throws KbsProtocolException when it is malformed
     */
    public static CompactJws parse(String text) throws KbsProtocolException {
        if (text.length() > MAX_LENGTH) {
            throw new KbsProtocolException("token: " + text.length() + " characters, limit " + MAX_LENGTH);
        }
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            throw new KbsProtocolException("token: " + parts.length + " parts, expected 3");
        }
        return new CompactJws(
                readObject(parts[0], "token header"),
                readObject(parts[1], "token payload"),
                (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII),
                Base64Url.decode(parts[2], "token signature"));
    }

    private static JsonObject readObject(String part, String what) throws KbsProtocolException {
        return WireText.read(what, Base64Url.decode(part, what), JsonCursor.Members::value);
    }

    /** The header, which nothing vouches for before the token is verified. */
    public JsonObject header() {
        return header;
    }

    /** The claims, which nothing vouches for. */
    public JsonObject unverifiedClaims() {
        return claims;
    }

    /**
     * Refuses a token that nobody signed, for whoever has no key to verify it with.
     *
     * @throws KbsProtocolException when its algorithm is {@code none} or not named, or there is no signature
     */
    public void requireSigned() throws KbsProtocolException {
        if (!(header.members().get("alg") instanceof JsonString named)
                || named.value().isEmpty()
                || named.value().toLowerCase(Locale.ROOT).equals("none")
                || signature.length == 0) {
            throw new KbsProtocolException("token: it is not signed");
        }
    }

    /**
     * Verifies the signature; not the claims' times or parties.
     *
     * @return the claims
     * @throws KbsProtocolException when the signature is not this key's
     */
    public JsonObject verify(PublicKey key) throws KbsProtocolException {
        String expected = algorithm(key)
                .orElseThrow(() -> new KbsProtocolException(
                        "token: no signature algorithm for a key of type " + key.getAlgorithm()));
        JsonValue algorithm = header.members().get("alg");
        if (!(algorithm instanceof JsonString named) || !named.value().equals(expected)) {
            throw new KbsProtocolException("token: signed with "
                    + (algorithm instanceof JsonString other ? Quoted.text(other.value()) : "no named algorithm")
                    + ", expected \"" + expected + "\"");
        }
        if (header.get("crit").isPresent()) {
            throw new KbsProtocolException("token: critical header members are not understood");
        }
        try {
            Signature verifier = Signature.getInstance(jcaName(expected));
            verifier.initVerify(key);
            verifier.update(signingInput);
            if (!verifier.verify(signature)) {
                throw new KbsProtocolException("token: the signature is wrong");
            }
        } catch (GeneralSecurityException e) {
            throw new KbsProtocolException("token: the signature is wrong", e);
        }
        return claims;
    }

    /**
     * Signs claims.
     *
     * @param header what the header holds beside {@code alg}
     * @param claims the payload
     * @param key an EC P-256, Ed25519 or RSA key
     * @return the compact serialisation
     */
    public static String sign(JsonObject header, JsonObject claims, PrivateKey key) throws KbsProtocolException {
        String algorithm = algorithm(key)
                .orElseThrow(() -> new KbsProtocolException(
                        "token: no signature algorithm for a key of type " + key.getAlgorithm()));
        JsonObject.Builder complete = JsonObject.builder().put("typ", "JWT").put("alg", algorithm);
        header.members().forEach(complete::put);
        String input = encode(complete.build()) + "." + encode(claims);
        try {
            Signature signer = Signature.getInstance(jcaName(algorithm));
            signer.initSign(key);
            signer.update(input.getBytes(StandardCharsets.US_ASCII));
            return input + "." + Base64Url.encode(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new KbsProtocolException("token: the key does not sign " + algorithm, e);
        }
    }

    private static String encode(JsonObject object) {
        return Base64Url.encode(JsonWriter.compact(object).getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> algorithm(Key key) {
        return switch (key) {
            case ECKey ec
            when ec.getParams().getCurve().equals(EcCurve.P256.parameters().getCurve()) -> Optional.of("ES256");
            case EdECKey ed when ed.getParams().getName().equals("Ed25519") -> Optional.of("EdDSA");
            case RSAKey rsa when rsa.getModulus().bitLength() >= MIN_RSA_BITS -> Optional.of("RS256");
            default -> Optional.empty();
        };
    }

    private static String jcaName(String algorithm) {
        return switch (algorithm) {
            case "ES256" -> "SHA256withECDSAinP1363Format";
            case "EdDSA" -> "Ed25519";
            case "RS256" -> "SHA256withRSA";
            default -> throw new IllegalStateException("algorithm " + algorithm);
        };
    }

    /** Without claims and signature. */
    @Override
    public String toString() {
        return "CompactJws[redacted]";
    }
}
