package dev.bulla.policy.signature;

import java.util.Base64;

/** Base64 as Go's standard encoding reads it: the standard alphabet, padding required, line ends passed over. */
public final class Base64Text {
    private Base64Text() {}

    /**
     * The bytes of a text.
     *
     * @throws IllegalArgumentException when it is not such a text
     */
    public static byte[] decode(String text) {
        String packed = text.replace("\r", "").replace("\n", "");
        if (packed.length() % 4 != 0) {
            throw new IllegalArgumentException("not base64 with its padding: " + packed.length() + " characters");
        }
        try {
            return Base64.getDecoder().decode(packed);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not base64: " + e.getMessage(), e);
        }
    }
}
