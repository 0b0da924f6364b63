package dev.bulla.policy.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.EllipticCurve;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A public key that verifies image signatures, and the one signature algorithm that goes with it: ECDSA (P-256, P-384,
 * P-521) in ASN.1 with SHA-256, RSA PKCS #1 v1.5 with SHA-256, or Ed25519.
 *
 * <p><b>Security.</b> The key chooses the algorithm, never the signature. RSA keys are of {@value #MIN_RSA_BITS} to
 * {@value #MAX_RSA_BITS} bits.
 */
public final class VerificationKey {
    public static final int MIN_RSA_BITS = 2048;
    public static final int MAX_RSA_BITS = 16384;

    /** The most bytes of a PEM file with one key. */
    public static final int MAX_PEM_LENGTH = 16 * 1024;

    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    private static final String LABEL = "PUBLIC KEY";

    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");
    private static final List<Integer> CURVE_BITS = List.of(256, 384, 521);

    private final PublicKey key;
    private final String algorithm;
    private final String origin;

    private VerificationKey(PublicKey key, String algorithm, String origin) {
        this.key = requireNonNull(key, "key is null");
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        this.origin = requireNonNull(origin, "origin is null");
    }

    /**
     * Reads a PEM file with exactly one key.
     *
     * @param origin where it came from, for messages
     */
    public static VerificationKey parse(byte[] pem, String origin) throws KeyMaterialException {
        byte[] der = spki(pem, origin);
        for (String keyAlgorithm : KEY_ALGORITHMS) {
            try {
                PublicKey key = KeyFactory.getInstance(keyAlgorithm).generatePublic(new X509EncodedKeySpec(der));
                if (!Arrays.equals(key.getEncoded(), der)) {
                    throw refused(origin, "the key is not in DER");
                }
                return new VerificationKey(key, signatureAlgorithm(key, origin), origin);
            } catch (InvalidKeySpecException e) {
                // not a key of this algorithm; the next may know it
            } catch (GeneralSecurityException e) {
                throw new KeyMaterialException("the key " + Quoted.text(origin) + ": " + e.getMessage(), e);
            }
        }
        throw refused(origin, "the PEM block is no ECDSA (P-256, P-384, P-521), RSA or Ed25519 key");
    }

    /**
     * A key that a verified certificate holds.
     *
     * @param origin where it came from, for messages
     */
    public static VerificationKey of(PublicKey key, String origin) throws KeyMaterialException {
        return new VerificationKey(key, signatureAlgorithm(key, origin), origin);
    }

    /** The bytes of the one PEM block (RFC 7468, strict form, line ends of either kind). */
    private static byte[] spki(byte[] pem, String origin) throws KeyMaterialException {
        if (pem.length > MAX_PEM_LENGTH) {
            throw refused(origin, pem.length + " bytes, limit " + MAX_PEM_LENGTH);
        }
        List<String> lines =
                new String(pem, StandardCharsets.ISO_8859_1).strip().lines().toList();
        if (lines.isEmpty() || !lines.getFirst().startsWith(BEGIN)) {
            throw refused(origin, "expected a PEM block " + LABEL + " and nothing before it");
        }
        if (!lines.getFirst().equals(BEGIN + LABEL + DASHES)) {
            throw refused(origin, "got " + Quoted.text(lines.getFirst()) + ", expected a PEM block " + LABEL);
        }
        if (lines.indexOf("-----END " + LABEL + DASHES) != lines.size() - 1) {
            throw refused(origin, "expected exactly one PEM block " + LABEL + " and nothing after it");
        }
        try {
            return Base64.getDecoder().decode(String.join("", lines.subList(1, lines.size() - 1)));
        } catch (IllegalArgumentException e) {
            throw refused(origin, "what the PEM block holds is not base64");
        }
    }

    private static String signatureAlgorithm(PublicKey key, String origin) throws KeyMaterialException {
        return switch (key) {
            case ECPublicKey ec -> {
                int bits = ec.getParams().getCurve().getField().getFieldSize();
                if (!CURVE_BITS.contains(bits)) {
                    throw refused(origin, "an ECDSA key over " + bits + " bits, expected P-256, P-384 or P-521");
                }
                requirePointOnCurve(ec, origin);
                yield "SHA256withECDSA";
            }
            case RSAPublicKey rsa -> {
                int bits = rsa.getModulus().bitLength();
                if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
                    throw refused(
                            origin, "an RSA key of " + bits + " bits, limits " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
                }
                yield "SHA256withRSA";
            }
            case EdECPublicKey ed -> "Ed25519";
            default -> throw refused(origin, "a key of the algorithm " + key.getAlgorithm());
        };
    }

    /** The JDK decodes a point without asking whether it lies on the curve. */
    private static void requirePointOnCurve(ECPublicKey key, String origin) throws KeyMaterialException {
        EllipticCurve curve = key.getParams().getCurve();
        if (!(curve.getField() instanceof ECFieldFp field)) {
            throw refused(origin, "an ECDSA key over a binary field, expected P-256, P-384 or P-521");
        }
        BigInteger p = field.getP();
        BigInteger x = key.getW().getAffineX();
        BigInteger y = key.getW().getAffineY();
        boolean inField = x.signum() >= 0 && x.compareTo(p) < 0 && y.signum() >= 0 && y.compareTo(p) < 0;
        BigInteger right = x.pow(2).add(curve.getA()).multiply(x).add(curve.getB());
        if (!inField || !y.pow(2).subtract(right).mod(p).equals(BigInteger.ZERO)) {
            throw refused(origin, "the ECDSA key's point is not on its curve");
        }
    }

    private static KeyMaterialException refused(String origin, String problem) {
        return new KeyMaterialException("the key " + Quoted.text(origin) + ": " + problem);
    }

    /**
     * Verifies a signature over these bytes.
     *
     * @throws SignatureRejectedException when it is not this key's
     */
    public void verify(byte[] signed, byte[] signature) throws SignatureRejectedException {
        boolean verified;
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(signed);
            verified = verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE, "no " + algorithm + " signature of " + this, e);
        }
        if (!verified) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE, "the " + algorithm + " signature is not of " + this);
        }
    }

    /** Its id: {@code sha256:HEX} of its SubjectPublicKeyInfo. */
    public String id() {
        return Digest.Algorithm.SHA256.of(key.getEncoded()).toString();
    }

    /** The key in PEM. */
    public byte[] pem() {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return (BEGIN + LABEL + DASHES + "\n" + body + "\n-----END " + LABEL + DASHES + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The key. */
    public PublicKey publicKey() {
        return key;
    }

    /** The key's place and the sha256 digest of its SubjectPublicKeyInfo. */
    @Override
    public String toString() {
        return "key " + Quoted.text(origin) + " (" + id() + ")";
    }
}
