package dev.bulla.attestation.protocol;

import dev.bulla.oci.Quoted;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * The hash by which evidence is bound to a challenge and a key.
 *
 * <p>The protocol also knows sm3, which the JDK has not; we neither offer nor take it.
 */
public enum HashAlgorithm {
    SHA256("sha256", "SHA-256"),
    SHA384("sha384", "SHA-384"),
    SHA512("sha512", "SHA-512");

    /** What holds where a challenge selects none. */
    public static final HashAlgorithm DEFAULT = SHA384;

    private final String wireName;
    private final String jcaName;

    HashAlgorithm(String wireName, String jcaName) {
        this.wireName = wireName;
        this.jcaName = jcaName;
    }

    /** The name on the wire, such as {@code sha384}. */
    public String wireName() {
        return wireName;
    }

    /** The hash of these bytes. */
    public byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance(jcaName).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has the three
        }
    }

    /**
     * Reads a name, in whatever case: so the protocol's clients do.
     *
     * @throws KbsProtocolException for any other name
     */
    public static HashAlgorithm parse(String text) throws KbsProtocolException {
        String lower = text.toLowerCase(Locale.ROOT);
        for (HashAlgorithm algorithm : values()) {
            if (algorithm.wireName.equals(lower)) {
                return algorithm;
            }
        }
        throw new KbsProtocolException("hash algorithm " + Quoted.text(text) + ": expected sha256, sha384 or sha512");
    }
}
