package dev.bulla.kbs.evidence;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Base64;

/**
 * Base64 in evidence.
 *
 * <p><b>Security.</b> A text is bounded before it is decoded, and is the one canonical spelling of its bytes.
 */
public final class EvidenceBase64 {
    private EvidenceBase64() {}

    /**
     * The bytes of a text in base64 with its padding, at most so many.
     *
     * @throws JsonException when it is not of that form, or longer
     */
    public static byte[] standard(JsonCursor json, int most) throws JsonException {
        return decode(json, most, Base64.getDecoder(), Base64.getEncoder());
    }

    /**
     * The bytes of a text in URL-safe base64, at most so many; guests write it with padding and without.
     *
     * @throws JsonException when it is not of that form, or longer
     */
    public static byte[] urlSafe(JsonCursor json, int most) throws JsonException {
        Base64.Encoder padded = Base64.getUrlEncoder();
        return decode(
                json, most, Base64.getUrlDecoder(), json.string().endsWith("=") ? padded : padded.withoutPadding());
    }

    private static byte[] decode(JsonCursor json, int most, Base64.Decoder decoder, Base64.Encoder encoder)
            throws JsonException {
        String text = json.string();
        int characters = (most + 2) / 3 * 4;
        if (text.length() > characters) {
            throw json.refuse("got " + text.length() + " characters, expected at most " + characters);
        }
        byte[] bytes;
        try {
            bytes = decoder.decode(text);
        } catch (IllegalArgumentException e) {
            throw json.refuse("expected base64");
        }
        if (bytes.length > most) {
            throw json.refuse("got " + bytes.length + " bytes, expected at most " + most);
        }
        if (!encoder.encodeToString(bytes).equals(text)) {
            throw json.refuse("expected base64 in its canonical form");
        }
        return bytes;
    }
}
