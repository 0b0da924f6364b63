package dev.bulla.policy.openpgp;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.bcpg.ECDSAPublicBCPGKey;
import org.bouncycastle.bcpg.Ed25519PublicBCPGKey;
import org.bouncycastle.bcpg.EdDSAPublicBCPGKey;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.RSAPublicBCPGKey;
import org.bouncycastle.util.BigIntegers;

/**
 * A public key or subkey of version 4: RSA of {@value #MIN_RSA_BITS} to {@value #MAX_RSA_BITS} bits, ECDSA over P-256, P-384
 * or P-521, or Ed25519 in both of its forms. A key of another algorithm is read and verifies nothing.
 */
final class OpenPgpKey {
    static final int MIN_RSA_BITS = 2048;
    static final int MAX_RSA_BITS = 16384;

    private static final int RSA = 1;
    private static final int RSA_SIGN_ONLY = 3;
    private static final int ECDSA = 19;
    private static final int EDDSA_LEGACY = 22;
    private static final int ED25519 = 27;
    private static final int ED25519_LENGTH = 32;
    private static final String ED25519_LEGACY_CURVE = "1.3.6.1.4.1.11591.15.1";
    private static final int UNCOMPRESSED_POINT = 4;
    private static final int NATIVE_POINT = 0x40;

    private final byte[] body;
    private final PublicKeyPacket fields;
    private final byte[] fingerprint;

    private OpenPgpKey(byte[] body, PublicKeyPacket fields, byte[] fingerprint) {
        this.body = body;
        this.fields = fields;
        this.fingerprint = fingerprint;
    }

    /** Reads the body of a public key or subkey packet of version 4. */
    static OpenPgpKey parse(int tag, byte[] body) throws OpenPgpException {
        if (body.length < 6 || body.length > 0xffff || body[0] != 4) {
            throw new OpenPgpException("a key of " + body.length + " bytes that is not of version 4");
        }
        PublicKeyPacket fields = OpenPgpPacket.fields(tag, body, PublicKeyPacket.class);
        try {
            if (!Arrays.equals(fields.getEncodedContents(), body)) {
                throw new OpenPgpException("a key that is not in its one form, or with bytes after it");
            }
            return new OpenPgpKey(
                    body, fields, MessageDigest.getInstance("SHA-1").digest(hashed(body)));
        } catch (IOException | GeneralSecurityException e) {
            throw new OpenPgpException("a key that cannot be read", e);
        }
    }

    private static byte[] hashed(byte[] body) {
        return ByteBuffer.allocate(body.length + 3)
                .put((byte) 0x99)
                .putShort((short) body.length)
                .put(body)
                .array();
    }

    /** What is hashed of it in a signature over it. */
    byte[] hashed() {
        return hashed(body);
    }

    /** 40 hexadecimal digits, upper case. */
    String fingerprint() {
        return HexFormat.of().withUpperCase().formatHex(fingerprint);
    }

    long keyId() {
        return ByteBuffer.wrap(fingerprint).getLong(fingerprint.length - Long.BYTES);
    }

    Instant created() {
        return fields.getTime().toInstant();
    }

    /**
     * Does the arithmetic of a signature.
     *
     * @param signed what was signed, without the signature's own trailer
     * @throws MismatchException when it is not this key's over that
     * @throws OpenPgpException when that cannot be known, for its algorithms or its form
     */
    void verify(OpenPgpSignature signature, byte[]... signed) throws MismatchException, OpenPgpException {
        if (signature.keyAlgorithm() != fields.getAlgorithm()) {
            throw new MismatchException("the signature is of the algorithm " + signature.keyAlgorithm()
                    + ", the key of " + fields.getAlgorithm());
        }
        HashAlgorithm hash = signature.hashAlgorithm();
        boolean verified;
        try {
            verified = switch (fields.getAlgorithm()) {
                case RSA, RSA_SIGN_ONLY -> rsa(signature, hash, signed);
                case ECDSA -> ecdsa(signature, hash, signed);
                case EDDSA_LEGACY -> ed25519(legacyPoint(), signature.numbers(2, ED25519_LENGTH), signature, signed);
                case ED25519 -> ed25519(nativePoint(), signature.octets(), signature, signed);
                default ->
                    throw new OpenPgpException(
                            "a key of the algorithm " + fields.getAlgorithm() + ", expected RSA, ECDSA or Ed25519");
            };
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new OpenPgpException("a key or signature out of its bounds", e);
        }
        if (!verified) {
            throw new MismatchException("it is not of the key " + this);
        }
    }

    private boolean rsa(OpenPgpSignature signature, HashAlgorithm hash, byte[][] signed)
            throws GeneralSecurityException, OpenPgpException {
        RSAPublicBCPGKey key = key(RSAPublicBCPGKey.class);
        int bits = key.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new OpenPgpException(
                    "an RSA key of " + bits + " bits, limits " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
        }
        return verified(
                KeyFactory.getInstance("RSA")
                        .generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())),
                hash.with("RSA"),
                signature.numbers(1, (bits + 7) / 8),
                signature,
                signed);
    }

    private boolean ecdsa(OpenPgpSignature signature, HashAlgorithm hash, byte[][] signed)
            throws GeneralSecurityException, OpenPgpException {
        ECDSAPublicBCPGKey key = key(ECDSAPublicBCPGKey.class);
        String curve = curve(key.getCurveOID());
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve));
        ECParameterSpec spec = parameters.getParameterSpec(ECParameterSpec.class);
        byte[] point = BigIntegers.asUnsignedByteArray(key.getEncodedPoint());
        int length = (spec.getCurve().getField().getFieldSize() + 7) / 8;
        if (point.length != 1 + 2 * length || point[0] != UNCOMPRESSED_POINT) {
            throw new OpenPgpException("an ECDSA key whose point is not " + (1 + 2 * length) + " bytes, uncompressed");
        }
        // The JDK takes any pair of numbers for a point; this asks whether it is on the curve.
        ECNamedCurveTable.getByOID(key.getCurveOID()).getCurve().decodePoint(point);
        ECPoint w = new ECPoint(new BigInteger(1, point, 1, length), new BigInteger(1, point, 1 + length, length));
        return verified(
                KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(w, spec)),
                hash.with("ECDSAinP1363Format"),
                signature.numbers(2, length),
                signature,
                signed);
    }

    private static String curve(ASN1ObjectIdentifier oid) throws OpenPgpException {
        return switch (oid.getId()) {
            case "1.2.840.10045.3.1.7" -> "secp256r1";
            case "1.3.132.0.34" -> "secp384r1";
            case "1.3.132.0.35" -> "secp521r1";
            default ->
                throw new OpenPgpException(
                        "an ECDSA key over the curve " + oid.getId() + ", expected P-256, P-384 or P-521");
        };
    }

    private byte[] legacyPoint() throws OpenPgpException {
        EdDSAPublicBCPGKey key = key(EdDSAPublicBCPGKey.class);
        byte[] point = BigIntegers.asUnsignedByteArray(key.getEncodedPoint());
        if (!key.getCurveOID().getId().equals(ED25519_LEGACY_CURVE)
                || point.length != 1 + ED25519_LENGTH
                || point[0] != NATIVE_POINT) {
            throw new OpenPgpException("an EdDSA key that is not one of Ed25519");
        }
        return Arrays.copyOfRange(point, 1, point.length);
    }

    private byte[] nativePoint() throws OpenPgpException {
        byte[] point = key(Ed25519PublicBCPGKey.class).getEncoded();
        if (point.length != ED25519_LENGTH) {
            throw new OpenPgpException("an Ed25519 key of " + point.length + " bytes");
        }
        return point;
    }

    private static boolean ed25519(byte[] point, byte[] value, OpenPgpSignature signature, byte[][] signed)
            throws GeneralSecurityException, OpenPgpException {
        // y, least significant octet first; its topmost bit is the parity of x.
        byte[] y = new byte[point.length];
        for (int i = 0; i < point.length; i++) {
            y[i] = point[point.length - 1 - i];
        }
        boolean odd = (y[0] & 0x80) != 0;
        y[0] &= 0x7f;
        PublicKey key = KeyFactory.getInstance("Ed25519")
                .generatePublic(
                        new EdECPublicKeySpec(NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, y))));
        MessageDigest digest = signature.hashAlgorithm().digest();
        for (byte[] part : signed) {
            digest.update(part);
        }
        digest.update(signature.trailer());
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update(digest.digest());
        return verifier.verify(value);
    }

    private static boolean verified(
            PublicKey key, String algorithm, byte[] value, OpenPgpSignature signature, byte[][] signed)
            throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(key);
        for (byte[] part : signed) {
            verifier.update(part);
        }
        verifier.update(signature.trailer());
        return verifier.verify(value);
    }

    private <T> T key(Class<T> type) throws OpenPgpException {
        if (!type.isInstance(fields.getKey())) {
            throw new OpenPgpException("a key of the algorithm " + fields.getAlgorithm() + " in another's form");
        }
        return type.cast(fields.getKey());
    }

    /** Its fingerprint. */
    @Override
    public String toString() {
        return fingerprint();
    }
}
