package dev.bulla.kbs;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Reads RFC 7468 PEM texts. */
final class PemBlocks {
    private PemBlocks() {}

    /** The one block of that label. */
    static byte[] single(byte[] pem, String label) throws KbsException {
        String text = new String(pem, StandardCharsets.US_ASCII);
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from || text.indexOf(begin, from + 1) >= 0) {
            throw new KbsException("PEM: expected one block \"" + label + "\"");
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
        } catch (IllegalArgumentException e) {
            throw new KbsException("PEM: the block \"" + label + "\" is not base64", e);
        }
    }
}
