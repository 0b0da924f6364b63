package dev.bulla.oci;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A content digest, {@code algorithm:hex}, of the OCI image specification's descriptor page.
 *
 * <p><b>Security.</b> Only sha256 and sha512 in lower-case hex of exact length exist; every other spelling is refused, so
 * a digest is safe as a path component and two equal digests are equal texts.
 *
 * @param algorithm the hash function
 * @param hex the value in lower-case hex
 */
public record Digest(Algorithm algorithm, String hex) {

    /** The registered algorithms that we take. */
    public enum Algorithm {
        SHA256("sha256", "SHA-256", 32),
        SHA512("sha512", "SHA-512", 64);

        private final String id;
        private final String jcaName;
        private final int length;

        Algorithm(String id, String jcaName, int length) {
            this.id = id;
            this.jcaName = jcaName;
            this.length = length;
        }

        /** The name in a digest's text, {@code sha256}. */
        public String id() {
            return id;
        }

        /** The digest's length in bytes. */
        public int length() {
            return length;
        }

        /** A new running hash. */
        public MessageDigest newMessageDigest() {
            try {
                return MessageDigest.getInstance(jcaName);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e); // every JDK has both
            }
        }

        /** The digest of these bytes. */
        public Digest of(byte[] bytes) {
            return fromBytes(newMessageDigest().digest(bytes));
        }

        /** The digest whose value is {@code value}. */
        public Digest fromBytes(byte[] value) {
            return new Digest(this, HexFormat.of().formatHex(value));
        }
    }

    public Digest {
        requireNonNull(algorithm, "algorithm is null");
        if (!isHex(hex, algorithm.length * 2)) {
            throw new IllegalArgumentException("not " + algorithm.length * 2 + " lower-case hex digits: " + hex);
        }
    }

    /**
     * Reads {@code sha256:…} or {@code sha512:…}.
     *
     * @throws OciException when it is anything else
     */
    public static Digest parse(String text) throws OciException {
        for (Algorithm algorithm : Algorithm.values()) {
            if (text.startsWith(algorithm.id + ":")) {
                String hex = text.substring(algorithm.id.length() + 1);
                if (isHex(hex, algorithm.length * 2)) {
                    return new Digest(algorithm, hex);
                }
            }
        }
        throw new OciException(
                "digest " + Quoted.text(text) + ": expected sha256: and 64, or sha512: and 128 lower-case hex digits");
    }

    /** Reads a digest from a JSON string. */
    static Digest read(JsonCursor json) throws JsonException {
        String text = json.string();
        try {
            return parse(text);
        } catch (OciException e) {
            throw json.refuse(e.getMessage());
        }
    }

    private static boolean isHex(String text, int length) {
        return text.length() == length && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    /** The value's bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return algorithm.id + ":" + hex;
    }
}
