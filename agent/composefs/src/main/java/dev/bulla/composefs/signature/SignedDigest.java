package dev.bulla.composefs.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;

/**
 * A digest, and whose signature over it was verified.
 *
 * <p><b>Security.</b> Only this package makes one, and only after the signature was verified. It says what was signed, not
 * that any file has this digest: measuring the file, or mounting it under this digest, is the caller's.
 */
public final class SignedDigest {
    private final VerityDigest digest;
    private final VerificationKey signer;

    SignedDigest(VerityDigest digest, VerificationKey signer) {
        this.digest = requireNonNull(digest, "digest is null");
        this.signer = requireNonNull(signer, "signer is null");
    }

    /** What was signed. */
    public VerityDigest digest() {
        return digest;
    }

    /** Whose signature it is. */
    public VerificationKey signer() {
        return signer;
    }

    @Override
    public String toString() {
        return digest.algorithm() + ":" + digest + " signed by " + signer;
    }
}
