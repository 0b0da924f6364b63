package dev.bulla.composefs.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;

/**
 * The detached signature over an image's digest, which stands in a file beside the image as the digest itself does: Ed25519
 * or ECDSA (P-256, SHA-256) over the bytes of the {@link DigestFile}, or PKCS#7 over its {@link FormattedDigest}.
 *
 * <p>The idea is that of ostree's change 2879: the image stays unsigned, and what is signed is small. Verified in user space.
 *
 * <p><b>Security.</b> Each kind of signature is verified by keys of its kind alone. A signature says that its signer made, or
 * saw, an image of this digest; not what it is called, nor that there is no newer one.
 */
public final class DigestSignature {
    /** The most bytes of a signature file. */
    public static final int MAX_LENGTH = DetachedSignature.MAX_LENGTH;

    private DigestSignature() {}

    /**
     * Verifies a signature file over a digest file.
     *
     * @param digestFile the digest file's bytes
     * @param form how it says the digest
     * @param signatureFile the signature file's bytes
     * @param trusted whose signatures are believed
     * @throws SignatureRefusedException when none of them signed it
     */
    public static SignedDigest verify(
            byte[] digestFile, DigestFile.Form form, byte[] signatureFile, TrustedKeys trusted)
            throws SignatureRefusedException {
        requireNonNull(form, "form is null");
        requireNonNull(trusted, "trusted is null");
        byte[] file = digestFile.clone(); // what is verified is what is parsed
        DetachedSignature signature = DetachedSignature.parse(signatureFile);
        return switch (signature.kind()) {
            case ED25519 -> verify(file, form, signature.bytes(), trusted, VerificationKey.Kind.ED25519);
            case P256 -> verify(file, form, signature.bytes(), trusted, VerificationKey.Kind.P256);
            // What is signed is not the file's bytes, so they are read first.
            case PKCS7 ->
                FsVeritySignature.verify(
                        signature.bytes(), DigestFile.parse(file, form).digest(), trusted.certificates());
        };
    }

    private static SignedDigest verify(
            byte[] file, DigestFile.Form form, byte[] signature, TrustedKeys trusted, VerificationKey.Kind kind)
            throws SignatureRefusedException {
        SignatureRefusedException refusal = new SignatureRefusedException(
                SignatureCheck.TRUSTED,
                "got a signature by a key of the kind " + kind + ", expected one by any of " + trusted);
        for (VerificationKey key : trusted.keys()) {
            if (key.kind() != kind) {
                continue;
            }
            try {
                key.verify(SignatureHash.SHA256, file, signature);
            } catch (SignatureRefusedException e) {
                refusal = e; // another key may have made it
                continue;
            }
            return new SignedDigest(DigestFile.parse(file, form).digest(), key);
        }
        throw refusal;
    }

    /**
     * Holds a signed digest to the one of an image.
     *
     * @throws SignatureRefusedException when another was signed
     */
    public static SignedDigest requireSame(SignedDigest signed, VerityDigest image) throws SignatureRefusedException {
        if (!signed.digest().equals(image)) {
            throw new SignatureRefusedException(
                    SignatureCheck.DIGEST,
                    "got one over " + signed.digest().algorithm() + ":" + signed.digest()
                            + ", expected one over the image " + image.algorithm() + ":" + image);
        }
        return signed;
    }
}
