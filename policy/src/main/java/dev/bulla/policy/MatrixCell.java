package dev.bulla.policy;

/**
 * The four kinds of image that the matrix tells apart. An image is signed when the requirements that applied had a
 * cryptographic one among them and all passed; it is encrypted when every layer is.
 */
public enum MatrixCell {
    /** Every layer encrypted, and signed: config, order and set of the layers are the signer's. */
    ENCRYPTED_SIGNED("encryptedSigned", true),
    /** Every layer encrypted, unsigned: config, order and set of the layers are the host's to change. */
    ENCRYPTED_UNSIGNED("encryptedUnsigned", true),
    /** A layer in plain text, signed. */
    UNENCRYPTED_SIGNED("unencryptedSigned", true),
    /** A layer in plain text, unsigned: anybody can have made it. */
    UNENCRYPTED_UNSIGNED("unencryptedUnsigned", false);

    private final String key;
    private final boolean allowedByDefault;

    MatrixCell(String key, boolean allowedByDefault) {
        this.key = key;
        this.allowedByDefault = allowedByDefault;
    }

    /** The key in a policy file. */
    public String key() {
        return key;
    }

    /** What a matrix that leaves this cell out says. */
    public boolean allowedByDefault() {
        return allowedByDefault;
    }

    /** The line of a policy file that allows images of this kind. */
    public String lineThatAllows() {
        return "\"bulla\": {\"version\": 1, \"matrix\": {\"" + key + "\": {\"allow\": true}}}";
    }

    static MatrixCell of(boolean signed, LayerEncryption encryption) {
        return switch (encryption) {
            case ALL -> signed ? ENCRYPTED_SIGNED : ENCRYPTED_UNSIGNED;
            case SOME, NONE -> signed ? UNENCRYPTED_SIGNED : UNENCRYPTED_UNSIGNED;
        };
    }
}
