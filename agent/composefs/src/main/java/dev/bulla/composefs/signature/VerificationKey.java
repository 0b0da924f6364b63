package dev.bulla.composefs.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.EllipticCurve;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A public key that is strong enough to be believed: RSA of {@value #MIN_RSA_BITS} to {@value #MAX_RSA_BITS} bits, ECDSA on
 * P-256, P-384 or P-521, or Ed25519.
 *
 * <p><b>Security.</b> The key, never a signature, says what kind of signature is expected.
 */
public final class VerificationKey {
    static final int MIN_RSA_BITS = 2048;
    static final int MAX_RSA_BITS = 16384;

    /** The kinds of keys, which are the kinds of signatures too. */
    public enum Kind {
        /** PKCS #1 v1.5. */
        RSA("RSA"),
        /** ECDSA on P-256. */
        P256("ECDSA"),
        /** ECDSA on P-384. */
        P384("ECDSA"),
        /** ECDSA on P-521. */
        P521("ECDSA"),
        /** Ed25519, without a hash function beside it. */
        ED25519("Ed25519");

        private final String scheme;

        Kind(String scheme) {
            this.scheme = scheme;
        }

        /** The JCA's name of a signature of this kind. */
        String jcaName(SignatureHash hash) {
            return this == ED25519 ? scheme : hash.name() + "with" + scheme;
        }
    }

    private final PublicKey key;
    private final Kind kind;
    private final String origin;

    private VerificationKey(PublicKey key, Kind kind, String origin) {
        this.key = key;
        this.kind = kind;
        this.origin = origin;
    }

    /**
     * Takes a key as it is.
     *
     * @param origin where it came from, for messages
     * @throws UnusableKeyException when it is of another kind, or weak
     */
    public static VerificationKey of(PublicKey key, String origin) throws UnusableKeyException {
        requireNonNull(key, "key is null");
        requireNonNull(origin, "origin is null");
        return new VerificationKey(key, kindOf(key, origin), origin);
    }

    private static Kind kindOf(PublicKey key, String origin) throws UnusableKeyException {
        return switch (key) {
            case RSAPublicKey rsa -> {
                int bits = rsa.getModulus().bitLength();
                if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
                    throw new UnusableKeyException(
                            origin, "an RSA key of " + bits + " bits, limits " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
                }
                yield Kind.RSA;
            }
            case ECPublicKey ec -> {
                requirePointOnCurve(ec, origin);
                // The JDK has no other curves of these sizes.
                int bits = ec.getParams().getCurve().getField().getFieldSize();
                yield switch (bits) {
                    case 256 -> Kind.P256;
                    case 384 -> Kind.P384;
                    case 521 -> Kind.P521;
                    default ->
                        throw new UnusableKeyException(
                                origin, "an ECDSA key over " + bits + " bits, expected P-256, P-384 or P-521");
                };
            }
            case EdECPublicKey ed -> {
                if (!ed.getParams().getName().equals("Ed25519")) {
                    throw new UnusableKeyException(
                            origin, "an " + ed.getParams().getName() + " key, expected Ed25519");
                }
                yield Kind.ED25519;
            }
            default ->
                throw new UnusableKeyException(
                        origin, "a key of the algorithm " + key.getAlgorithm() + ", expected RSA, ECDSA or Ed25519");
        };
    }

    /** The JDK decodes a point without asking whether it lies on the curve. */
    private static void requirePointOnCurve(ECPublicKey key, String origin) throws UnusableKeyException {
        EllipticCurve curve = key.getParams().getCurve();
        if (!(curve.getField() instanceof ECFieldFp field)) {
            throw new UnusableKeyException(origin, "an ECDSA key over a binary field, expected P-256, P-384 or P-521");
        }
        BigInteger p = field.getP();
        BigInteger x = key.getW().getAffineX();
        BigInteger y = key.getW().getAffineY();
        boolean inField = x.signum() >= 0 && x.compareTo(p) < 0 && y.signum() >= 0 && y.compareTo(p) < 0;
        BigInteger right = x.pow(2).add(curve.getA()).multiply(x).add(curve.getB());
        if (!inField || !y.pow(2).subtract(right).mod(p).equals(BigInteger.ZERO)) {
            throw new UnusableKeyException(origin, "the ECDSA key's point is not on its curve");
        }
    }

    /** What kind of key it is. */
    public Kind kind() {
        return kind;
    }

    /** Where it came from. */
    public String origin() {
        return origin;
    }

    /** The SHA-256 digest of its SubjectPublicKeyInfo, by which it can be told from others. */
    public Digest fingerprint() {
        return Digest.Algorithm.SHA256.of(key.getEncoded());
    }

    /**
     * Verifies a signature of this key.
     *
     * @throws SignatureRefusedException when it is not this key's over these bytes
     */
    void verify(SignatureHash hash, byte[] signed, byte[] signature) throws SignatureRefusedException {
        Optional<GeneralSecurityException> failure = Optional.empty();
        boolean verified = false;
        String algorithm = kind.jcaName(hash);
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(signed);
            verified = verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            failure = Optional.of(e); // a signature of a wrong length or form
        }
        if (!verified) {
            throw new SignatureRefusedException(
                    SignatureCheck.SIGNATURE,
                    "no " + algorithm + " signature of " + this + " over the expected bytes",
                    failure.orElse(null));
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VerificationKey that && key.equals(that.key);
    }

    @Override
    public int hashCode() {
        return key.hashCode();
    }

    /** Its place and its fingerprint. */
    @Override
    public String toString() {
        return "the key " + Quoted.text(origin) + " (" + fingerprint() + ")";
    }
}
