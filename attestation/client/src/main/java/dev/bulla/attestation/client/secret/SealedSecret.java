package dev.bulla.attestation.client.secret;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sealed secret as text: {@code sealed.<header>.<payload>.<signature>}, each part base64url without padding.
 *
 * <p>Behind {@code sealed.} it is a compact JWS (RFC 7515). The header has {@code alg}, which is {@code ES256}, {@code kid},
 * and of other members {@code typ} and {@code b64: true} at most. Follows the sealed secrets of the Confidential Data Hub.
 *
 * <p><b>Security.</b> The payload is read only by {@link #verify}, from the bytes that were verified, or by a method whose
 * name says that it is insecure.
 */
public final class SealedSecret {
    /** The longest text in characters: as long as a Kubernetes secret may be. */
    public static final int MAX_LENGTH = 1024 * 1024;

    private static final String PREFIX = "sealed";
    private static final int SIGNATURE_LENGTH = 64;

    private final String header;
    private final String payload;
    private final String signature;

    private SealedSecret(String header, String payload, String signature) {
        this.header = header;
        this.payload = payload;
        this.signature = signature;
    }

    /** What the header says, which nothing vouches for. */
    private record Header(String kid) {}

    /**
     * Takes a text apart; nothing in it is looked at.
     *
     * @throws SealedSecretException when it has other parts
     */
    public static SealedSecret parse(String text) throws SealedSecretException {
        if (text.length() > MAX_LENGTH) {
            throw malformed(text.length() + " characters, limit " + MAX_LENGTH);
        }
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4 || !parts[0].equals(PREFIX)) {
            throw malformed("expected \"sealed.\" and three parts with dots between them");
        }
        return new SealedSecret(parts[1], parts[2], parts[3]);
    }

    /**
     * The text of a payload that is about to be signed, and the signature's input.
     *
     * @param kid which key will verify it: a resource URI, or a file's name
     */
    public static Unsigned of(SecretPayload payload, String kid) {
        JsonObject header =
                JsonObject.builder().put("alg", "ES256").put("kid", kid).build();
        return new Unsigned(encode(header), encode(payload.toJson()));
    }

    private static String encode(JsonObject object) {
        return Base64Url.encode(JsonWriter.compact(object).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Header and payload without a signature.
     *
     * @param header the second part of the text
     * @param payload the third
     */
    public record Unsigned(String header, String payload) {
        public Unsigned {
            requireNonNull(header, "header is null");
            requireNonNull(payload, "payload is null");
        }

        /** What is signed. */
        public byte[] signingInput() {
            return (header + "." + payload).getBytes(StandardCharsets.US_ASCII);
        }

        /**
         * The sealed secret.
         *
         * @param signature r and s, 32 bytes each
         */
        public String signed(byte[] signature) {
            if (signature.length != SIGNATURE_LENGTH) {
                throw new IllegalArgumentException("a signature of " + signature.length + " bytes");
            }
            return PREFIX + "." + header + "." + payload + "." + Base64Url.encode(signature);
        }

        /** Without what is in it. */
        @Override
        public String toString() {
            return "Unsigned[redacted]";
        }
    }

    /**
     * By which name the sealed secret calls the key that verifies it; nothing vouches for it.
     *
     * @throws SealedSecretException when the header is malformed or asks for another algorithm
     */
    public String kid() throws SealedSecretException {
        return header().kid;
    }

    private Header header() throws SealedSecretException {
        byte[] json = decode(header, "header");
        try {
            JsonCursor.Members members = JsonCursor.parse(json).object();
            members.allowOnly("alg", "kid", "typ", "b64");
            JsonCursor alg = members.required("alg");
            if (!alg.string().equals("ES256")) {
                throw alg.refuse("got " + Quoted.text(alg.string()) + ", expected \"ES256\"");
            }
            // guest-components' own tool writes what RFC 7797 takes for granted.
            Optional<JsonCursor> b64 = members.optional("b64");
            if (b64.isPresent() && !b64.get().bool()) {
                throw b64.get().refuse("an unencoded payload is not understood");
            }
            Optional<JsonCursor> typ = members.optional("typ");
            if (typ.isPresent()) {
                String unused = typ.get().string(); // says nothing to us, but must be one
            }
            return new Header(members.required("kid").string());
        } catch (JsonException e) {
            throw malformed("header: " + e.getMessage(), e);
        }
    }

    /**
     * Verifies the signature and reads what was signed.
     *
     * @param key an EC key on P-256
     * @throws SealedSecretException when the signature is not this key's, or the payload is malformed
     */
    public SecretPayload verify(PublicKey key) throws SealedSecretException {
        Header checked = header();
        byte[] signatureBytes = decode(signature, "signature");
        if (signatureBytes.length != SIGNATURE_LENGTH) {
            throw malformed("signature: " + signatureBytes.length + " bytes, expected " + SIGNATURE_LENGTH);
        }
        byte[] payloadBytes = decode(payload, "payload");
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
            verifier.initVerify(key);
            verifier.update((header + "." + payload).getBytes(StandardCharsets.US_ASCII));
            if (!verifier.verify(signatureBytes)) {
                throw wrongSignature(checked, null);
            }
        } catch (GeneralSecurityException e) {
            throw wrongSignature(checked, e);
        }
        return SecretPayload.parse(payloadBytes);
    }

    private static SealedSecretException wrongSignature(Header header, @Nullable Throwable cause) {
        return new SealedSecretException(
                Reason.SIGNATURE, "the signature is not that of the key " + Quoted.text(header.kid), cause);
    }

    /**
     * Reads the payload without looking at header and signature, which may be anything.
     *
     * <p><b>Security.</b> Whoever carried the text chooses what the guest takes for its secret.
     *
     * @throws SealedSecretException when the payload is malformed
     */
    public SecretPayload insecureUnverifiedPayload() throws SealedSecretException {
        return SecretPayload.parse(decode(payload, "payload"));
    }

    private static byte[] decode(String part, String what) throws SealedSecretException {
        try {
            return Base64Url.decode(part, what);
        } catch (KbsProtocolException e) {
            throw malformed(e.getMessage(), e);
        }
    }

    private static SealedSecretException malformed(String problem) {
        return new SealedSecretException(Reason.MALFORMED, problem);
    }

    private static SealedSecretException malformed(String problem, Throwable cause) {
        return new SealedSecretException(Reason.MALFORMED, problem, cause);
    }

    /** Without what is in it. */
    @Override
    public String toString() {
        return "SealedSecret[redacted]";
    }
}
