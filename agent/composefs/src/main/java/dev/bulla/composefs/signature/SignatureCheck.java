package dev.bulla.composefs.signature;

/** The checks that a signature over a digest passes, each of which can refuse it. */
public enum SignatureCheck {
    /** There is a signature where one is required. */
    PRESENT,
    /** It has at least one byte, and no more than a signature needs. */
    SIZE,
    /** It is DER, or base64, and nothing stands behind it. */
    ENCODING,
    /** It is of a kind that is known, and signs detached data. */
    CONTENT_TYPE,
    /** It carries nothing that is not used: no certificates, revocation lists, or attributes. */
    EXTRAS,
    /** Exactly one signer signed it, and is named by issuer and serial number. */
    SIGNER_COUNT,
    /** Its hash function is one of SHA-256, SHA-384 and SHA-512, and the same wherever it is named. */
    HASH,
    /** Its signer is one of those who are trusted. */
    TRUSTED,
    /** The signer's key may sign, is strong enough, and is of the signature's kind. */
    KEY,
    /** The signature is the key's, over the expected bytes. */
    SIGNATURE,
    /** What was signed names the digest that was expected. */
    DIGEST
}
