package dev.bulla.policy.libtrust;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Base64;

/** Base64 of URLs without its padding (RFC 7515, section 2), each value in its one spelling. */
final class Base64Url {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private Base64Url() {}

    static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    static byte[] decode(JsonCursor value) throws JsonException {
        String text = value.string();
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            if (encode(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // refused below, as what decodes but is spelled otherwise
        }
        throw value.refuse("not base64url without padding");
    }
}
