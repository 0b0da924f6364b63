package dev.bulla.policy.libtrust;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.VerificationKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * A public key as libtrust has them: ECDSA over P-256, P-384 or P-521 with the one algorithm of its curve, or RSA PKCS #1 v1.5.
 *
 * <p><b>Security.</b> The algorithm that a signature names must be one of the key's; what keys are taken is
 * {@link VerificationKey}'s rule.
 */
final class LibtrustKey {
    private static final int ID_BYTES = 30;
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final Set<String> RSA_ALGORITHMS = Set.of("RS256", "RS384", "RS512");

    /** The curves, and what follows from each. */
    private enum Curve {
        P256("P-256", "secp256r1", 256, "ES256", "SHA256withECDSAinP1363Format"),
        P384("P-384", "secp384r1", 384, "ES384", "SHA384withECDSAinP1363Format"),
        P521("P-521", "secp521r1", 521, "ES512", "SHA512withECDSAinP1363Format");

        private final String jwkName;
        private final String jdkName;
        private final int bits;
        private final String alg;
        private final String algorithm;

        Curve(String jwkName, String jdkName, int bits, String alg, String algorithm) {
            this.jwkName = jwkName;
            this.jdkName = jdkName;
            this.bits = bits;
            this.alg = alg;
            this.algorithm = algorithm;
        }

        private int octets() {
            return (bits + 7) / 8;
        }
    }

    private final PublicKey key;
    private final Optional<Curve> curve;
    private final String id;

    private LibtrustKey(PublicKey key, Optional<Curve> curve) {
        this.key = requireNonNull(key, "key is null");
        this.curve = requireNonNull(curve, "curve is null");
        this.id = id(key.getEncoded());
    }

    /** The key, where it is one that verifies signatures. */
    static LibtrustKey of(PublicKey key, String origin) throws SignatureRejectedException {
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
        PublicKey checked;
        try {
            checked = VerificationKey.parse(pem.getBytes(StandardCharsets.US_ASCII), origin)
                    .publicKey();
        } catch (KeyMaterialException e) {
            throw new SignatureRejectedException(SignatureCheck.FORMAT, e.getMessage(), e);
        }
        return switch (checked.getAlgorithm()) {
            case "RSA" -> new LibtrustKey(checked, Optional.empty());
            case "EC" -> {
                int bits = ((ECPublicKey) checked)
                        .getParams()
                        .getCurve()
                        .getField()
                        .getFieldSize();
                yield new LibtrustKey(
                        checked,
                        Optional.of(Arrays.stream(Curve.values())
                                .filter(curve -> curve.bits == bits)
                                .findFirst()
                                .orElseThrow()));
            }
            default ->
                throw new SignatureRejectedException(
                        SignatureCheck.FORMAT,
                        "the key " + Quoted.text(origin) + " is of the algorithm " + checked.getAlgorithm()
                                + ", expected ECDSA or RSA");
        };
    }

    /**
     * Reads a JSON web key (RFC 7517). Its {@code kid} must be the key's own, where it has one; what libtrust adds for display
     * ({@code keyID}, {@code hosts}) is passed over, anything else refused, a private part above all.
     */
    static LibtrustKey jwk(JsonCursor value) throws JsonException, SignatureRejectedException {
        JsonCursor.Members members = value.object();
        JsonCursor kty = members.required("kty");
        PublicKey key;
        try {
            key = switch (kty.string()) {
                case "EC" -> {
                    members.allowOnly("kty", "kid", "crv", "x", "y", "keyID", "hosts");
                    yield ec(members);
                }
                case "RSA" -> {
                    members.allowOnly("kty", "kid", "n", "e", "keyID", "hosts");
                    yield KeyFactory.getInstance("RSA")
                            .generatePublic(
                                    new RSAPublicKeySpec(number(members.required("n")), number(members.required("e"))));
                }
                default -> throw kty.refuse("got " + Quoted.text(kty.string()) + ", expected EC or RSA");
            };
        } catch (GeneralSecurityException e) {
            throw value.refuse("no public key: " + e.getMessage());
        }
        LibtrustKey read = of(key, value.path());
        Optional<JsonCursor> kid = members.optional("kid");
        if (kid.isPresent() && !kid.get().string().equals(read.id)) {
            throw kid.get().refuse("got " + Quoted.text(kid.get().string()) + ", expected " + read.id);
        }
        return read;
    }

    private static PublicKey ec(JsonCursor.Members members) throws JsonException, GeneralSecurityException {
        JsonCursor crv = members.required("crv");
        String name = crv.string();
        Optional<Curve> curve = Arrays.stream(Curve.values())
                .filter(known -> known.jwkName.equals(name))
                .findFirst();
        if (curve.isEmpty()) {
            throw crv.refuse("got " + Quoted.text(name) + ", expected P-256, P-384 or P-521");
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve.get().jdkName));
        ECPoint point = new ECPoint(
                coordinate(members.required("x"), curve.get()), coordinate(members.required("y"), curve.get()));
        return KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(point, parameters.getParameterSpec(ECParameterSpec.class)));
    }

    private static BigInteger coordinate(JsonCursor value, Curve curve) throws JsonException {
        byte[] octets = Base64Url.decode(value);
        if (octets.length != curve.octets()) {
            throw value.refuse("got " + octets.length + " octets, expected " + curve.octets());
        }
        return new BigInteger(1, octets);
    }

    private static BigInteger number(JsonCursor value) throws JsonException {
        byte[] octets = Base64Url.decode(value);
        if (octets.length > VerificationKey.MAX_RSA_BITS / 8) {
            throw value.refuse("got " + octets.length + " octets, limit " + VerificationKey.MAX_RSA_BITS / 8);
        }
        return new BigInteger(1, octets);
    }

    /** libtrust's id of a key: the first 240 bits of the SHA-256 of its SubjectPublicKeyInfo, in base32, in groups of 4. */
    static String id(byte[] spki) {
        byte[] hash = HexFormat.of().parseHex(Digest.Algorithm.SHA256.of(spki).hex());
        BigInteger rest = new BigInteger(1, Arrays.copyOf(hash, ID_BYTES));
        StringBuilder backwards = new StringBuilder();
        for (int i = 0; i < ID_BYTES * 8 / 5; i++) {
            if (i > 0 && i % 4 == 0) {
                backwards.append(':');
            }
            backwards.append(BASE32.charAt(rest.intValue() & 31));
            rest = rest.shiftRight(5);
        }
        return backwards.reverse().toString();
    }

    /** libtrust's id. */
    String id() {
        return id;
    }

    /** {@code sha256:HEX} of its SubjectPublicKeyInfo. */
    String spkiId() {
        return Digest.Algorithm.SHA256.of(key.getEncoded()).toString();
    }

    /**
     * Verifies a signature over these bytes.
     *
     * @param alg the algorithm that the signature names, which must be one of the key's
     */
    void verify(byte[] signed, String alg, byte[] signature) throws SignatureRejectedException {
        String algorithm = algorithm(alg);
        if (curve.isPresent() && signature.length != 2 * curve.get().octets()) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE,
                    "the signature of the key " + id + " has " + signature.length + " octets, expected "
                            + 2 * curve.get().octets());
        }
        boolean verified;
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(signed);
            verified = verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE, "no " + alg + " signature of the key " + id, e);
        }
        if (!verified) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE, "the " + alg + " signature is not of the key " + id);
        }
    }

    private String algorithm(String alg) throws SignatureRejectedException {
        if (curve.isPresent()) {
            if (alg.equals(curve.get().alg)) {
                return curve.get().algorithm;
            }
        } else if (RSA_ALGORITHMS.contains(alg)) {
            return "SHA" + alg.substring(2) + "withRSA";
        }
        throw new SignatureRejectedException(
                SignatureCheck.SIGNATURE,
                "the algorithm " + Quoted.text(alg) + " is not one of the key " + id + ", expected "
                        + curve.map(known -> known.alg).orElse("RS256, RS384 or RS512"));
    }
}
