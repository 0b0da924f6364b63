package dev.bulla.ocicrypt;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Base64 of which each value has one spelling: padded, without white space, unused bits zero. */
final class StrictBase64 {
    private StrictBase64() {}

    /**
     * The bytes of RFC 4648 §4.
     *
     * @throws IllegalArgumentException when the text is not exactly what an encoder writes
     */
    static byte[] decode(String text) {
        return decode(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The bytes of RFC 4648 §4, from text that must not become a {@code String}.
     *
     * @throws IllegalArgumentException when the text is not exactly what an encoder writes
     */
    static byte[] decode(byte[] text) {
        byte[] decoded = Base64.getDecoder().decode(text);
        return checked(text, decoded, Base64.getEncoder());
    }

    /**
     * The bytes of RFC 4648 §5 without padding, as JOSE writes it.
     *
     * @throws IllegalArgumentException when the text is not exactly what an encoder writes
     */
    static byte[] decodeUrl(String text) {
        byte[] ascii = text.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = Base64.getUrlDecoder().decode(ascii);
        return checked(ascii, decoded, Base64.getUrlEncoder().withoutPadding());
    }

    private static byte[] checked(byte[] text, byte[] decoded, Base64.Encoder encoder) {
        byte[] again = encoder.encode(decoded);
        boolean same = Arrays.equals(text, again);
        Arrays.fill(again, (byte) 0);
        if (!same) {
            Arrays.fill(decoded, (byte) 0);
            throw new IllegalArgumentException("base64 that no encoder writes");
        }
        return decoded;
    }
}
