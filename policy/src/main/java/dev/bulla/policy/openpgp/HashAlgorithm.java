package dev.bulla.policy.openpgp;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;

/** The hash algorithms that can be computed. Spec: RFC 9580 section 9.5. */
enum HashAlgorithm {
    MD5(1, "MD5", false),
    SHA1(2, "SHA-1", false),
    SHA256(8, "SHA-256", true),
    SHA384(9, "SHA-384", true),
    SHA512(10, "SHA-512", true),
    SHA3_256(12, "SHA3-256", true),
    SHA3_512(14, "SHA3-512", true);

    /**
     * From this day on no self signature by SHA-1 counts. Keys that were made with GnuPG before 2.1, as those of many
     * distributions were, have no others. A second preimage of SHA-1 is out of reach, and a collision needs the
     * owner's help to sign; but whoever makes a key since then has no reason for it.
     */
    static final Instant SHA1_SELF_SIGNATURES_END = Instant.parse("2023-02-01T00:00:00Z");

    private final int id;
    private final String digestName;
    private final boolean strong;

    HashAlgorithm(int id, String digestName, boolean strong) {
        this.id = id;
        this.digestName = digestName;
        this.strong = strong;
    }

    static HashAlgorithm of(int id) throws OpenPgpException {
        for (HashAlgorithm algorithm : values()) {
            if (algorithm.id == id) {
                return algorithm;
            }
        }
        throw new OpenPgpException("the hash algorithm " + id + ", which is not taken");
    }

    /** Whether it is good for signatures over data. */
    boolean strong() {
        return strong;
    }

    /** Whether it is good for a signature of a key over itself that was made then. */
    boolean goodForSelfSignature(Instant created) {
        return strong || (this == SHA1 && created.isBefore(SHA1_SELF_SIGNATURES_END));
    }

    /** The JDK's name of the signature algorithm over this hash; {@code scheme} is {@code RSA} or the like. */
    String with(String scheme) {
        String name = digestName.startsWith("SHA-") ? digestName.replace("-", "") : digestName;
        return name + "with" + scheme;
    }

    MessageDigest digest() throws OpenPgpException {
        try {
            return MessageDigest.getInstance(digestName);
        } catch (NoSuchAlgorithmException e) {
            throw new OpenPgpException("the hash algorithm " + digestName, e);
        }
    }

    @Override
    public String toString() {
        return digestName;
    }
}
