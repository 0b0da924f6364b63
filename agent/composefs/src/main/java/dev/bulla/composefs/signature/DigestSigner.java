package dev.bulla.composefs.signature;

import dev.bulla.composefs.VerityDigest;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;

/**
 * Makes the detached signature over an image's digest file that {@link DigestSignature#verify} accepts. Not for the guest,
 * which holds no key that signs.
 */
public final class DigestSigner {
    private DigestSigner() {}

    /**
     * Signs the {@link DigestFile} of a digest.
     *
     * @param key Ed25519, or ECDSA on P-256
     * @param origin where the key came from, for messages
     * @return 64 bytes with Ed25519, ASN.1 with ECDSA
     * @throws UnusableKeyException when it is of another kind
     */
    public static byte[] sign(PrivateKey key, String origin, VerityDigest digest) throws UnusableKeyException {
        VerificationKey.Kind kind = switch (key) {
            case EdECPrivateKey ed when ed.getParams().getName().equals("Ed25519") -> VerificationKey.Kind.ED25519;
            case ECPrivateKey ec
            when ec.getParams().getCurve().getField().getFieldSize() == 256 -> VerificationKey.Kind.P256;
            default ->
                throw new UnusableKeyException(
                        origin,
                        "a key of the algorithm " + key.getAlgorithm()
                                + ", expected Ed25519 or ECDSA on P-256 (others sign with a certificate)");
        };
        try {
            Signature signature = Signature.getInstance(kind.jcaName(SignatureHash.SHA256));
            signature.initSign(key);
            signature.update(new DigestFile(digest).bytes());
            return signature.sign();
        } catch (GeneralSecurityException e) {
            // without the cause, which may quote the key
            throw new UnusableKeyException(origin, "cannot sign");
        }
    }
}
