package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.Base64;

/**
 * A public key with the one algorithm that sigstore's registry has for it: ECDSA with the hash of its curve (P-256 SHA-256,
 * P-384 SHA-384, P-521 SHA-512), RSA PKCS #1 v1.5 with SHA-256, or Ed25519.
 *
 * <p><b>Security.</b> The key chooses the algorithm, never a bundle, a log entry or a root's {@code keyDetails}. What
 * {@link VerificationKey} refuses (short RSA keys, other curves, a point beside its curve) is refused here too.
 */
final class SignatureKey {
    private final PublicKey key;
    private final String algorithm;

    private SignatureKey(PublicKey key, String algorithm) {
        this.key = requireNonNull(key, "key is null");
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
    }

    static SignatureKey of(VerificationKey key) {
        PublicKey publicKey = key.publicKey();
        String algorithm = switch (publicKey) {
            case ECPublicKey ec ->
                switch (ec.getParams().getCurve().getField().getFieldSize()) {
                    case 256 -> "SHA256withECDSA";
                    case 384 -> "SHA384withECDSA";
                    default -> "SHA512withECDSA";
                };
            default -> publicKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "Ed25519";
        };
        return new SignatureKey(publicKey, algorithm);
    }

    /**
     * A key by its SubjectPublicKeyInfo.
     *
     * @param origin whose it is, for messages
     */
    static SignatureKey of(byte[] spki, String origin) throws KeyMaterialException {
        String pem = "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(spki)
                + "\n-----END PUBLIC KEY-----\n";
        return of(VerificationKey.parse(pem.getBytes(StandardCharsets.US_ASCII), origin));
    }

    /** Whether that is a signature over these bytes. */
    boolean verifies(byte[] signed, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // no signature of this algorithm at all
        }
    }

    /**
     * Verifies a signature over these bytes.
     *
     * @param check the step that fails
     * @param what what is signed, for the message
     */
    void verify(byte[] signed, byte[] signature, SignatureCheck check, String what) throws SignatureRejectedException {
        if (!verifies(signed, signature)) {
            throw new SignatureRejectedException(
                    check, "the " + algorithm + " signature over " + what + " is not of the key " + id());
        }
    }

    /** Whether its SubjectPublicKeyInfo is this. */
    boolean is(byte[] spki) {
        return Arrays.equals(spki(), spki);
    }

    byte[] spki() {
        return key.getEncoded();
    }

    /** Its id: {@code sha256:HEX} of its SubjectPublicKeyInfo. */
    String id() {
        return Digest.Algorithm.SHA256.of(spki()).toString();
    }
}
