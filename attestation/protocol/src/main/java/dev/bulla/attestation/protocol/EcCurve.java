package dev.bulla.attestation.protocol;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;

/** A curve that TEE keys may be on; the protocol has no P-384. */
public enum EcCurve {
    P256("P-256", "secp256r1", 32),
    P521("P-521", "secp521r1", 66);

    private final String wireName;
    private final String jcaName;
    private final int coordinateLength;

    EcCurve(String wireName, String jcaName, int coordinateLength) {
        this.wireName = wireName;
        this.jcaName = jcaName;
        this.coordinateLength = coordinateLength;
    }

    /** The name in a JWK, such as {@code P-256}. */
    public String wireName() {
        return wireName;
    }

    /** How many bytes a coordinate, and the secret that two keys agree on, takes. */
    public int coordinateLength() {
        return coordinateLength;
    }

    String jcaName() {
        return jcaName;
    }

    ECParameterSpec parameters() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(jcaName));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has both curves
        }
    }

    /** Whether the point satisfies the curve's equation; the point at infinity does not. */
    boolean contains(ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            return false;
        }
        EllipticCurve curve = parameters().getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        if (x.signum() < 0 || y.signum() < 0 || x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger right =
                x.pow(2).add(curve.getA()).multiply(x).add(curve.getB()).mod(p);
        return y.pow(2).mod(p).equals(right);
    }

    /** The coordinate's bytes, big-endian and of fixed length. */
    byte[] coordinate(BigInteger value) {
        byte[] signed = value.toByteArray();
        byte[] fixed = new byte[coordinateLength];
        int length = Math.min(signed.length, coordinateLength);
        System.arraycopy(signed, signed.length - length, fixed, coordinateLength - length, length);
        return fixed;
    }
}
