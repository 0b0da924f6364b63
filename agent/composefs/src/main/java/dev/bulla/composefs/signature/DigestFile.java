package dev.bulla.composefs.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Quoted;
import java.nio.charset.StandardCharsets;

/**
 * A file that says which fs-verity digest an image has, to be signed: {@code fsverity-sha256-12:}, the digest in lower-case
 * hex, and a line feed; exactly that.
 *
 * <p>Old ostree trees have the digest's 32 (or 64) bytes instead; those are read where they are asked for.
 *
 * @param digest the digest
 */
public record DigestFile(VerityDigest digest) {
    /** The most bytes of one. */
    public static final int MAX_LENGTH =
            VerityAlgorithm.SHA512_4K.id().length() + 1 + 2 * VerityAlgorithm.SHA512_4K.length() + 1;

    /** How a digest file says it. */
    public enum Form {
        /** The algorithm's name and hex digits. What we write. */
        TEXT,
        /** The bytes of a digest over blocks of 4 KiB, and nothing that says what they are. For old trees. */
        RAW
    }

    public DigestFile {
        requireNonNull(digest, "digest is null");
    }

    /**
     * Reads a digest file.
     *
     * @throws SignatureRefusedException when it is not exactly of the form, for {@link SignatureCheck#DIGEST}
     */
    public static DigestFile parse(byte[] bytes, Form form) throws SignatureRefusedException {
        if (bytes.length > MAX_LENGTH) {
            throw refused("got " + bytes.length + " bytes, limit " + MAX_LENGTH);
        }
        return switch (form) {
            case TEXT -> parseText(new String(bytes, StandardCharsets.ISO_8859_1));
            case RAW -> parseRaw(bytes);
        };
    }

    private static DigestFile parseText(String text) throws SignatureRefusedException {
        int colon = text.indexOf(':');
        if (colon >= 0 && text.endsWith("\n")) {
            String hex = text.substring(colon + 1, text.length() - 1);
            VerityAlgorithm algorithm =
                    VerityAlgorithm.parse(text.substring(0, colon)).orElse(null);
            if (algorithm != null && hex.matches("[0-9a-f]{" + 2 * algorithm.length() + "}")) {
                return new DigestFile(new VerityDigest(algorithm, hex));
            }
        }
        throw refused("got " + Quoted.text(text) + ", expected fsverity-sha256-12:, 64 hex digits and a line feed");
    }

    private static DigestFile parseRaw(byte[] bytes) throws SignatureRefusedException {
        for (VerityAlgorithm algorithm : new VerityAlgorithm[] {VerityAlgorithm.SHA256_4K, VerityAlgorithm.SHA512_4K}) {
            if (bytes.length == algorithm.length()) {
                return new DigestFile(VerityDigest.fromBytes(algorithm, bytes));
            }
        }
        throw refused("got " + bytes.length + " bytes, expected the 32 or 64 of a digest");
    }

    private static SignatureRefusedException refused(String problem) {
        return new SignatureRefusedException(SignatureCheck.DIGEST, "digest file: " + problem);
    }

    /** Its bytes, in {@link Form#TEXT}. */
    public byte[] bytes() {
        return (digest.algorithm().id() + ":" + digest.hex() + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
