package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;

/**
 * The answer to accepted evidence: {@code {"token":"<JWT>"}}.
 *
 * @param token the attestation token's compact serialisation; a bearer secret
 */
public record TokenAnswer(String token) {
    public TokenAnswer {
        requireNonNull(token, "token is null");
    }

    /**
     * Reads an answer.
     *
     * @param utf8 the text; the caller has bounded its length
     * @throws KbsProtocolException when it is malformed
     */
    public static TokenAnswer parse(byte[] utf8) throws KbsProtocolException {
        return WireText.read(
                "token answer",
                utf8,
                members -> new TokenAnswer(members.required("token").string()));
    }

    /** The message's text. */
    public byte[] toJson() {
        return WireText.write(JsonObject.builder().put("token", token).build());
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "TokenAnswer[token=redacted]";
    }
}
