package dev.bulla.policy.openpgp;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.Signer;

/** What a message says whose signature was verified, and who signed it. */
public final class VerifiedMessage {
    private final byte[] content;
    private final Signer signer;

    VerifiedMessage(byte[] content, Signer signer) {
        this.content = requireNonNull(content, "content is null");
        this.signer = requireNonNull(signer, "signer is null");
    }

    /** The very bytes that were verified. */
    public byte[] content() {
        return content.clone();
    }

    /** Who signed them; {@code signedAt} is empty, for nobody else saw it. */
    public Signer signer() {
        return signer;
    }
}
