package dev.bulla.policy.signature;

/** The steps of verifying a signature, in their order. */
public enum SignatureCheck {
    /** It is a signature by its media type. */
    MEDIA_TYPE("mediaType"),
    /** It is not longer than the limits. */
    LENGTH("length"),
    /** It has the form of its kind. */
    FORMAT("format"),
    /** The annotation with the signature is there and is base64. */
    ANNOTATION("annotation"),
    /** The certificate goes back to a trusted root, is for this use and names the subject that is asked for. */
    CERTIFICATE("certificate"),
    /** The signature over the payload is one of the keys'. */
    SIGNATURE("signature"),
    /** A transparency log that the policy trusts has this very signature. */
    LOG("log"),
    /** A time-stamping authority that the policy trusts saw this very signature. */
    TIMESTAMP("timestamp"),
    /** Neither the signature nor its key has expired, nor begins later. */
    TIME("time"),
    /** Neither the signature's key nor what vouches for it is revoked. */
    REVOCATION("revocation"),
    /** The payload is the statement that its type asks for. */
    PAYLOAD("payload"),
    /** The digest that was signed is the image's. */
    DIGEST("digest"),
    /** The name that was signed is one that the requirement accepts for the image. */
    IDENTITY("identity");

    private final String id;

    SignatureCheck(String id) {
        this.id = id;
    }

    /** The word in a decision's JSON. */
    public String id() {
        return id;
    }
}
