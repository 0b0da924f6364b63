package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

/** What a policy names in its section {@code imageSignatures}, read: PEM with keys and certificates, not looked at yet. */
public final class ImageSignatureKey {
    private final byte[] pem;
    private final String origin;

    ImageSignatureKey(byte[] pem, String origin) {
        this.pem = pem.clone();
        this.origin = requireNonNull(origin, "origin is null");
    }

    /** Its bytes. */
    public byte[] pem() {
        return pem.clone();
    }

    /** The file or resource, or where in the policy it stands. */
    public String origin() {
        return origin;
    }
}
