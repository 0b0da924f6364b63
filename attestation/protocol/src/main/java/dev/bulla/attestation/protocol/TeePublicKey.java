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
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

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
     * An ML-KEM-768 key, for ML-KEM-768+A192KW (draft-ietf-jose-pqc-kem-05).
     *
     * <p>Experimental: {@link TeePublicKey#parse} does not take it.
     *
     * @param pub the encapsulation key of FIPS 203, base64url
     */
    record Akp(String pub) implements TeePublicKey {
        /** The key management algorithm. */
        public static final String ALGORITHM = "ML-KEM-768+A192KW";

        /** How many bytes an encapsulation key has. */
        public static final int LENGTH = 1184;

        private static final int COEFFICIENT_BYTES = 1152;
        private static final int MODULUS = 3329;

        /** What stands before the key's bytes in its SubjectPublicKeyInfo: lengths, and the OID 2.16.840.1.101.3.4.4.2. */
        private static final byte[] SPKI = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

        public Akp {
            try {
                check(pub);
            } catch (KbsProtocolException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }

        /** The key of a JDK key, which must be of ML-KEM-768. */
        public static Akp of(PublicKey key) {
            byte[] encoded = key.getEncoded();
            if (encoded.length != SPKI.length + LENGTH
                    || !Arrays.equals(encoded, 0, SPKI.length, SPKI, 0, SPKI.length)) {
                throw new IllegalArgumentException("not an ML-KEM-768 key");
            }
            return new Akp(Base64Url.encode(Arrays.copyOfRange(encoded, SPKI.length, encoded.length)));
        }

        static Akp parse(String pub) throws KbsProtocolException {
            check(pub);
            return new Akp(pub);
        }

        /** FIPS 203 §7.2: the length, and that each coefficient of 12 bits is below the modulus. */
        private static void check(String pub) throws KbsProtocolException {
            byte[] bytes = Base64Url.decode(pub, "pub");
            if (bytes.length != LENGTH) {
                throw new KbsProtocolException("pub: " + bytes.length + " bytes, expected " + LENGTH);
            }
            for (int i = 0; i < COEFFICIENT_BYTES; i += 3) {
                int two = (bytes[i] & 0xff) | (bytes[i + 1] & 0xff) << 8 | (bytes[i + 2] & 0xff) << 16;
                if ((two & 0xfff) >= MODULUS || two >>> 12 >= MODULUS) {
                    throw new KbsProtocolException("pub: a coefficient is not below " + MODULUS);
                }
            }
        }

        /** The key as the JDK has it. */
        public PublicKey toKey() {
            try {
                byte[] bytes = Base64Url.decode(pub, "pub");
                byte[] encoded = Arrays.copyOf(SPKI, SPKI.length + bytes.length);
                System.arraycopy(bytes, 0, encoded, SPKI.length, bytes.length);
                return KeyFactory.getInstance("ML-KEM-768").generatePublic(new X509EncodedKeySpec(encoded));
            } catch (GeneralSecurityException | KbsProtocolException e) {
                throw new IllegalStateException(e); // the constructor checked the key
            }
        }

        @Override
        public String algorithm() {
            return ALGORITHM;
        }

        @Override
        public JsonObject toJwk() {
            return JsonObject.builder()
                    .put("kty", "AKP")
                    .put("alg", ALGORITHM)
                    .put("pub", pub)
                    .build();
        }

        @Override
        public String thumbprint() {
            return Base64Url.encode(HashAlgorithm.SHA256.digest(JsonWriter.canonical(toJwk())));
        }
    }

    /**
     * Reads the key that stands there.
     *
     * @throws KbsProtocolException when it is not exactly a JWK of an EC or RSA key as above
     */
    static TeePublicKey parse(JsonCursor cursor) throws KbsProtocolException {
        return parse(cursor, false);
    }

    /**
     * Reads the key that stands there, an experimental one too.
     *
     * @throws KbsProtocolException when it is not exactly a JWK of one of the shapes above
     */
    static TeePublicKey parseExperimental(JsonCursor cursor) throws KbsProtocolException {
        return parse(cursor, true);
    }

    private static TeePublicKey parse(JsonCursor cursor, boolean experimental) throws KbsProtocolException {
        try {
            JsonCursor.Members members = cursor.object();
            JsonCursor kty = members.required("kty");
            String algorithm = members.required("alg").string();
            switch (kty.string()) {
                case "AKP" -> {
                    if (!experimental) {
                        throw kty.refuse("got \"AKP\", which is experimental, expected \"EC\" or \"RSA\"");
                    }
                    members.allowOnly("kty", "alg", "pub");
                    requireAlgorithm(members, algorithm, Akp.ALGORITHM);
                    return Akp.parse(members.required("pub").string());
                }
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
