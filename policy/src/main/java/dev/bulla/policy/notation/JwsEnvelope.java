package dev.bulla.policy.notation;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The JWS envelope: flattened JSON serialization (RFC 7515, 7.2.2). Spec: signature-envelope-jws.md.
 *
 * <p><b>Security.</b> Of the registered headers only {@code alg}, {@code cty} and {@code crit} are taken, and {@code x5c}
 * beside them: none that brings a key, a URL or another form of payload.
 */
final class JwsEnvelope {
    private static final Pattern RFC3339 =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");

    /** Registered header names with a meaning that this profile has no use for. */
    private static final Set<String> OTHER_REGISTERED = Set.of(
            "b64",
            "enc",
            "epk",
            "iv",
            "jku",
            "jwk",
            "kid",
            "nonce",
            "p2c",
            "p2s",
            "tag",
            "typ",
            "url",
            "x5t",
            "x5t#S256",
            "x5u",
            "zip");

    private static final Set<String> PROTECTED_ONLY = Set.of(
            "alg",
            "cty",
            "crit",
            SignedAttributes.SCHEME,
            SignedAttributes.SIGNING_TIME,
            SignedAttributes.AUTHENTIC_SIGNING_TIME,
            SignedAttributes.EXPIRY);

    private JwsEnvelope() {}

    static NotationEnvelope.Parsed parse(byte[] json) throws SignatureRejectedException {
        try {
            JsonCursor.Members envelope = JsonCursor.parse(json).object();
            envelope.allowOnly("payload", "protected", "header", "signature");
            String protectedText = envelope.required("protected").string();
            String payloadText = envelope.required("payload").string();
            JsonCursor.Members header =
                    JsonCursor.parse(base64Url(envelope.required("protected"))).object();
            JsonCursor.Members unprotected = envelope.required("header").object();
            requireNames(header, unprotected);
            if (!header.required("cty").string().equals(SignedAttributes.CONTENT_TYPE)) {
                throw header.required("cty")
                        .refuse("content type "
                                + Quoted.text(header.required("cty").string()) + ", expected "
                                + SignedAttributes.CONTENT_TYPE);
            }
            SignedAttributes attributes = SignedAttributes.read(
                    new Header(header), header.required("crit").strings());
            List<byte[]> chain = new ArrayList<>();
            for (JsonCursor certificate : unprotected.required("x5c").array()) {
                chain.add(base64(certificate));
            }
            Optional<JsonCursor> timestamp = unprotected.optional(SignedAttributes.TIMESTAMP);
            return new NotationEnvelope.Parsed(
                    algorithm(header.required("alg")),
                    attributes,
                    NotationEnvelope.chain(chain),
                    base64Url(envelope.required("payload")),
                    (protectedText + "." + payloadText).getBytes(StandardCharsets.US_ASCII),
                    base64Url(envelope.required("signature")),
                    timestamp.isPresent() ? Optional.of(base64(timestamp.get())) : Optional.empty());
        } catch (JsonException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, "the JWS envelope is malformed: " + e.getMessage(), e);
        }
    }

    private static void requireNames(JsonCursor.Members header, JsonCursor.Members unprotected) throws JsonException {
        for (String name : header.names()) {
            if (OTHER_REGISTERED.contains(name) || name.equals("x5c")) {
                throw new JsonException(
                        header.path(), "the header " + Quoted.text(name) + " is not for this signature");
            }
        }
        for (String name : unprotected.names()) {
            if (OTHER_REGISTERED.contains(name)
                    || PROTECTED_ONLY.contains(name)
                    || header.names().contains(name)) {
                throw new JsonException(
                        unprotected.path(), "the header " + Quoted.text(name) + " may not stand unprotected");
            }
        }
    }

    private static SigningAlgorithm algorithm(JsonCursor value) throws JsonException {
        String name = value.string();
        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            if (algorithm.jwsName().equals(name)) {
                return algorithm;
            }
        }
        throw value.refuse(
                "the algorithm " + Quoted.text(name) + ", expected PS256, PS384, PS512, ES256, ES384 or ES512");
    }

    /** Base64url without padding, in its one form. */
    private static byte[] base64Url(JsonCursor value) throws JsonException {
        String text = value.string();
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (bytes.length > 0
                    && Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(bytes)
                            .equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw value.refuse("empty or not base64url without padding");
    }

    /** Base64 with its padding, in its one form. */
    private static byte[] base64(JsonCursor value) throws JsonException {
        String text = value.string();
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (bytes.length > 0 && Base64.getEncoder().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw value.refuse("empty or not base64 with its padding");
    }

    private record Header(JsonCursor.Members members) implements SignedAttributes.Source {
        @Override
        public Set<String> names() {
            return members.names();
        }

        @Override
        public String text(String name) throws SignatureRejectedException {
            try {
                return members.required(name).string();
            } catch (JsonException e) {
                throw new SignatureRejectedException(
                        SignatureCheck.FORMAT, "the JWS envelope is malformed: " + e.getMessage(), e);
            }
        }

        @Override
        public Instant time(String name) throws SignatureRejectedException {
            String text = text(name);
            if (RFC3339.matcher(text).matches()) {
                try {
                    return OffsetDateTime.parse(text).toInstant();
                } catch (DateTimeException e) {
                    // refused below
                }
            }
            throw new SignatureRejectedException(
                    SignatureCheck.FORMAT, name + " is " + Quoted.text(text) + ", expected a time of RFC 3339");
        }
    }
}
