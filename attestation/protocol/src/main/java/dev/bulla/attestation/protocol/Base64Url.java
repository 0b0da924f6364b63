package dev.bulla.attestation.protocol;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Base64;

/**
 * Base64url without padding (RFC 4648 §5, RFC 7515 §2), in its one canonical spelling.
 *
 * <p><b>Security.</b> Padding, other characters and stray bits in the last character are refused, so two equal values are
 * equal texts.
 */
public final class Base64Url {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private Base64Url() {}

    /** The text of these bytes. */
    public static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    /**
     * The bytes of this text.
     *
     * @param what what the text is, for the message
     * @throws KbsProtocolException when it is not canonical base64url without padding
     */
    public static byte[] decode(String text, String what) throws KbsProtocolException {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new KbsProtocolException(what + ": not base64url without padding", e);
        }
        if (!encode(bytes).equals(text)) {
            throw new KbsProtocolException(what + ": not canonical base64url without padding");
        }
        return bytes;
    }

    /** The bytes of the string that stands there. */
    static byte[] decode(JsonCursor cursor) throws JsonException, KbsProtocolException {
        return decode(cursor.string(), cursor.path());
    }
}
