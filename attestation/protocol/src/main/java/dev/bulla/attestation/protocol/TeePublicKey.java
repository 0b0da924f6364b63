package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;

/**
 * The public key of a TEE, to which a KBS encrypts what it releases: a JWK of exactly the members that the protocol
 * hashes.
 *
 * <p><b>Security.</b> An EC point is on its curve; an RSA modulus has {@link Rsa#MIN_BITS} to {@link Rsa#MAX_BITS} bits; a
 * member too many is refused, since other readers would drop it before hashing. {@code RSA1_5} is not spoken.
 */
public sealed interface TeePublicKey {

    /** The key management algorithm of a JWE to this key, as JWA names it. */
    String algorithm();

    /** The key as a JWK with the members that the protocol hashes. */
    JsonObject toJwk();

    /** The RFC 7638 thumbprint: base64url of the SHA-256 of the key's required members. */
    String thumbprint();

    /**
     * A key on an elliptic curve, for ECDH-ES+A256KW.
     *
     * @param curve the curve
     * @param x the first coordinate, base64url of fixed length
     * @param y the second
     */
    record Ec(EcCurve curve, String x, String y) implements TeePublicKey {
        /** The key management algorithm. */
        public static final String ALGORITHM = "ECDH-ES+A256KW";

        public Ec {
            requireNonNull(curve, "curve is null");
            try {
                if (!curve.contains(new ECPoint(coordinate(curve, x, "x"), coordinate(curve, y, "y")))) {
                    throw new IllegalArgumentException("the point is not on " + curve.wireName());
                }
            } catch (KbsProtocolException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }

        /** The key of a JDK key; it must be on {@code curve}. */
        public static Ec of(EcCurve curve, ECPublicKey key) {
            return new Ec(
                    curve,
                    Base64Url.encode(curve.coordinate(key.getW().getAffineX())),
                    Base64Url.encode(curve.coordinate(key.getW().getAffineY())));
        }

        static Ec parse(EcCurve curve, String x, String y) throws KbsProtocolException {
            ECPoint point = new ECPoint(coordinate(curve, x, "x"), coordinate(curve, y, "y"));
            if (!curve.contains(point)) {
                throw new KbsProtocolException("the point is not on " + curve.wireName());
            }
            return new Ec(curve, x, y);
        }

        private static BigInteger coordinate(EcCurve curve, String text, String name) throws KbsProtocolException {
            byte[] bytes = Base64Url.decode(text, name);
            if (bytes.length != curve.coordinateLength()) {
                throw new KbsProtocolException(name + ": " + bytes.length + " bytes, expected "
                        + curve.coordinateLength() + " on " + curve.wireName());
            }
            return new BigInteger(1, bytes);
        }

        /** The key as the JDK has it. */
        public ECPublicKey toKey() {
            try {
                ECPoint point = new ECPoint(coordinate(curve, x, "x"), coordinate(curve, y, "y"));
                return (ECPublicKey)
                        KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, curve.parameters()));
            } catch (GeneralSecurityException | KbsProtocolException e) {
                throw new IllegalStateException(e); // the constructor checked the point
            }
        }

        @Override
        public String algorithm() {
            return ALGORITHM;
        }

        /** The members {@code crv,kty,x,y} in this order: those of a thumbprint, and of an ephemeral key. */
        JsonObject toBareJwk() {
            return JsonObject.builder()
                    .put("crv", curve.wireName())
                    .put("kty", "EC")
                    .put("x", x)
                    .put("y", y)
                    .build();
        }

        @Override
        public JsonObject toJwk() {
            return JsonObject.builder()
                    .put("kty", "EC")
                    .put("crv", curve.wireName())
                    .put("alg", ALGORITHM)
                    .put("x", x)
                    .put("y", y)
                    .build();
        }

        @Override
        public String thumbprint() {
            return Base64Url.encode(HashAlgorithm.SHA256.digest(JsonWriter.canonical(toBareJwk())));
        }
    }

    /**
     * An RSA key, for RSA-OAEP-256.
     *
     * @param n the modulus, base64url without leading zeros
     * @param e the public exponent, likewise
     */
    record Rsa(String n, String e) implements TeePublicKey {
        /** The key management algorithm. */
        public static final String ALGORITHM = "RSA-OAEP-256";

        /** The shortest modulus. */
        public static final int MIN_BITS = 2048;

        /** The longest modulus. */
        public static final int MAX_BITS = 8192;

        private static final int MAX_EXPONENT_BITS = 64;

        public Rsa {
            try {
                check(n, e);
            } catch (KbsProtocolException problem) {
                throw new IllegalArgumentException(problem.getMessage(), problem);
            }
        }

        /** The key of a JDK key. */
        public static Rsa of(RSAPublicKey key) {
            return new Rsa(unsigned(key.getModulus()), unsigned(key.getPublicExponent()));
        }

        static Rsa parse(String n, String e) throws KbsProtocolException {
            check(n, e);
            return new Rsa(n, e);
        }

        private static void check(String n, String e) throws KbsProtocolException {
            BigInteger modulus = integer(n, "n");
            if (modulus.bitLength() < MIN_BITS || modulus.bitLength() > MAX_BITS) {
                throw new KbsProtocolException(
                        "n: " + modulus.bitLength() + " bits, expected " + MIN_BITS + " to " + MAX_BITS);
            }
            BigInteger exponent = integer(e, "e");
            if (!exponent.testBit(0)
                    || exponent.compareTo(BigInteger.valueOf(3)) < 0
                    || exponent.bitLength() > MAX_EXPONENT_BITS) {
                throw new KbsProtocolException(
                        "e: expected an odd number from 3, of at most " + MAX_EXPONENT_BITS + " bits");
            }
        }

        private static BigInteger integer(String text, String name) throws KbsProtocolException {
            byte[] bytes = Base64Url.decode(text, name);
            if (bytes.length == 0 || bytes[0] == 0) {
                throw new KbsProtocolException(name + ": empty, or with leading zeros");
            }
            return new BigInteger(1, bytes);
        }

        private static String unsigned(BigInteger value) {
            byte[] signed = value.toByteArray();
            int skip = signed.length > 1 && signed[0] == 0 ? 1 : 0;
            byte[] bytes = new byte[signed.length - skip];
            System.arraycopy(signed, skip, bytes, 0, bytes.length);
            return Base64Url.encode(bytes);
        }

        /** The key as the JDK has it. */
        public RSAPublicKey toKey() {
            try {
                return (RSAPublicKey) KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(integer(n, "n"), integer(e, "e")));
            } catch (GeneralSecurityException | KbsProtocolException problem) {
                throw new IllegalStateException(problem); // the constructor checked both numbers
            }
        }

        @Override
        public String algorithm() {
            return ALGORITHM;
        }

        @Override
        public JsonObject toJwk() {
            return JsonObject.builder()
                    .put("kty", "RSA")
                    .put("alg", ALGORITHM)
                    .put("n", n)
                    .put("e", e)
                    .build();
        }

        @Override
        public String thumbprint() {
            return Base64Url.encode(HashAlgorithm.SHA256.digest(JsonWriter.canonical(JsonObject.builder()
                    .put("e", e)
                    .put("kty", "RSA")
                    .put("n", n)
                    .build())));
        }
    }

    /**
     * Reads the key that stands there.
     *
     * @throws KbsProtocolException when it is not exactly a JWK of one of the shapes above
     */
    static TeePublicKey parse(JsonCursor cursor) throws KbsProtocolException {
        try {
            JsonCursor.Members members = cursor.object();
            JsonCursor kty = members.required("kty");
            String algorithm = members.required("alg").string();
            switch (kty.string()) {
                case "EC" -> {
                    members.allowOnly("kty", "crv", "alg", "x", "y");
                    requireAlgorithm(members, algorithm, Ec.ALGORITHM);
                    return readEc(members);
                }
                case "RSA" -> {
                    members.allowOnly("kty", "alg", "n", "e");
                    requireAlgorithm(members, algorithm, Rsa.ALGORITHM);
                    return Rsa.parse(
                            members.required("n").string(),
                            members.required("e").string());
                }
                default -> throw kty.refuse("got " + Quoted.text(kty.string()) + ", expected \"EC\" or \"RSA\"");
            }
        } catch (JsonException e) {
            throw new KbsProtocolException(e.getMessage(), e);
        } catch (KbsProtocolException e) {
            throw new KbsProtocolException(cursor.path() + ": " + e.getMessage(), e);
        }
    }

    /** Reads {@code crv}, {@code x} and {@code y} of an EC key. */
    static Ec readEc(JsonCursor.Members members) throws JsonException, KbsProtocolException {
        JsonCursor crv = members.required("crv");
        for (EcCurve curve : EcCurve.values()) {
            if (curve.wireName().equals(crv.string())) {
                return Ec.parse(
                        curve,
                        members.required("x").string(),
                        members.required("y").string());
            }
        }
        throw crv.refuse("got " + Quoted.text(crv.string()) + ", expected \"P-256\" or \"P-521\"");
    }

    private static void requireAlgorithm(JsonCursor.Members members, String got, String expected) throws JsonException {
        if (!got.equals(expected)) {
            throw members.required("alg").refuse("got " + Quoted.text(got) + ", expected \"" + expected + "\"");
        }
    }
}
