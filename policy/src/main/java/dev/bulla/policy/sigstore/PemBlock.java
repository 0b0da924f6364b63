package dev.bulla.policy.sigstore;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** The one block of a PEM text (RFC 7468). */
final class PemBlock {
    private static final String DASHES = "-----";
    private static final String BEGIN = "-----BEGIN ";

    private final byte[] der;

    private PemBlock(byte[] der) {
        this.der = der;
    }

    /** What the block holds. */
    byte[] der() {
        return der.clone();
    }

    /**
     * The block of a text that has exactly one, with nothing before or after it but white space.
     *
     * @throws IllegalArgumentException when it is another text
     */
    static PemBlock only(byte[] pem) {
        List<String> lines = new String(pem, StandardCharsets.ISO_8859_1)
                .strip()
                .lines()
                .map(String::strip)
                .toList();
        if (lines.size() < 3
                || !lines.getFirst().startsWith(BEGIN)
                || !lines.getFirst().endsWith(DASHES)
                || lines.getFirst().length() <= BEGIN.length() + DASHES.length()) {
            throw new IllegalArgumentException("not one PEM block");
        }
        String label =
                lines.getFirst().substring(BEGIN.length(), lines.getFirst().length() - DASHES.length());
        if (lines.indexOf("-----END " + label + DASHES) != lines.size() - 1) {
            throw new IllegalArgumentException("not exactly one PEM block");
        }
        try {
            return new PemBlock(Base64.getDecoder().decode(String.join("", lines.subList(1, lines.size() - 1))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a PEM block that is not base64", e);
        }
    }
}
