package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.util.Optional;

/**
 * The answer to an {@link AuthRequest}: {@code {"nonce","extra-params"}}.
 *
 * <p>A nonce is text to be repeated as it stands; whoever answers does not read it.
 *
 * @param nonce the challenge, not empty
 * @param extraParams what else the server says; an empty string where it says nothing
 */
public record Challenge(String nonce, JsonValue extraParams) {
    /** The longest nonce in characters. */
    public static final int MAX_NONCE_LENGTH = 16 * 1024;

    private static final String SELECTED = "selected-hash-algorithm";

    public Challenge {
        requireNonNull(extraParams, "extraParams is null");
        if (nonce.isEmpty() || nonce.length() > MAX_NONCE_LENGTH) {
            throw new IllegalArgumentException(
                    "nonce of " + nonce.length() + " characters, expected 1 to " + MAX_NONCE_LENGTH);
        }
    }

    /** The challenge of a server that leaves the hash at its default. */
    public static Challenge of(String nonce) {
        return new Challenge(nonce, new JsonString(""));
    }

    /**
     * Reads a challenge.
     *
     * @param utf8 the text; the caller has bounded its length
     * @throws KbsProtocolException when it is malformed
     */
    public static Challenge parse(byte[] utf8) throws KbsProtocolException {
        return WireText.read("challenge", utf8, members -> {
            JsonCursor nonce = members.required("nonce");
            int length = nonce.string().length();
            if (length == 0 || length > MAX_NONCE_LENGTH) {
                throw nonce.refuse("nonce of " + length + " characters, expected 1 to " + MAX_NONCE_LENGTH);
            }
            return new Challenge(
                    nonce.string(), members.required("extra-params").value());
        });
    }

    /**
     * The hash that the server selected, {@link HashAlgorithm#DEFAULT} where it selected none.
     *
     * @throws KbsProtocolException when it selected one that we do not know, or by no string
     */
    public HashAlgorithm hashAlgorithm() throws KbsProtocolException {
        if (!(extraParams instanceof JsonObject object)) {
            return HashAlgorithm.DEFAULT;
        }
        try {
            Optional<JsonCursor> selected =
                    new JsonCursor(object, "$.extra-params").object().optional(SELECTED);
            return selected.isEmpty()
                    ? HashAlgorithm.DEFAULT
                    : HashAlgorithm.parse(selected.get().string());
        } catch (JsonException e) {
            throw new KbsProtocolException("challenge: " + e.getMessage(), e);
        }
    }

    /** The message's text. */
    public byte[] toJson() {
        return WireText.write(JsonObject.builder()
                .put("nonce", nonce)
                .put("extra-params", extraParams)
                .build());
    }
}
