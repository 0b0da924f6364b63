package dev.bulla.kbs.evidence.tdx;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;

/** ECDSA with SHA-256 on P-256, in the fixed-length forms that quotes and collateral use: keys x ‖ y, signatures r ‖ s. */
final class P256 {
    static final int KEY_SIZE = 64;
    static final int SIGNATURE_SIZE = 64;

    private static final int COORDINATE_SIZE = 32;

    private P256() {}

    /**
     * Reads a key.
     *
     * @throws GeneralSecurityException when it is not a point of the curve
     */
    static PublicKey key(byte[] xy) throws GeneralSecurityException {
        if (xy.length != KEY_SIZE) {
            throw new InvalidKeyException(xy.length + " bytes, expected " + KEY_SIZE);
        }
        BigInteger x = new BigInteger(1, Arrays.copyOf(xy, COORDINATE_SIZE));
        BigInteger y = new BigInteger(1, Arrays.copyOfRange(xy, COORDINATE_SIZE, KEY_SIZE));
        ECParameterSpec parameters = parameters();
        BigInteger p = ((ECFieldFp) parameters.getCurve().getField()).getP();
        BigInteger right = x.pow(2)
                .add(parameters.getCurve().getA())
                .multiply(x)
                .add(parameters.getCurve().getB())
                .mod(p);
        if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0 || !y.pow(2).mod(p).equals(right)) {
            throw new InvalidKeyException("not a point of P-256");
        }
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(new ECPoint(x, y), parameters));
    }

    /** The point of a key, 0x04 ‖ x ‖ y. */
    static byte[] uncompressed(ECPublicKey key) {
        byte[] point = new byte[1 + KEY_SIZE];
        point[0] = 4;
        put(key.getW().getAffineX(), point, 1);
        put(key.getW().getAffineY(), point, 1 + COORDINATE_SIZE);
        return point;
    }

    private static void put(BigInteger coordinate, byte[] point, int offset) {
        byte[] bytes = coordinate.toByteArray();
        int length = Math.min(bytes.length, COORDINATE_SIZE);
        System.arraycopy(bytes, bytes.length - length, point, offset + COORDINATE_SIZE - length, length);
    }

    /**
     * Verifies a signature.
     *
     * @throws GeneralSecurityException when the key has not signed these bytes
     */
    static void verify(PublicKey key, byte[] signed, byte[] signature) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
        verifier.initVerify(key);
        verifier.update(signed);
        if (!verifier.verify(signature)) {
            throw new SignatureException("the signature does not verify");
        }
    }

    private static ECParameterSpec parameters() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }
}
