package dev.bulla.policy;

/** The steps of verifying a signature, in their order. */
public enum SignatureCheck {
    /** The attachment is a signature by its media type. */
    MEDIA_TYPE("mediaType"),
    /** It is not longer than the limits. */
    LENGTH("length"),
    /** The annotation with the signature is there and is base64. */
    ANNOTATION("annotation"),
    /** The signature over the payload is one of the keys'. */
    SIGNATURE("signature"),
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
