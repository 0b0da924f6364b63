package dev.bulla.kbs.token;

import dev.bulla.attestation.protocol.KbsProtocolException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import javax.crypto.KeyAgreement;

/**
 * The public half of a P-256 private key, which the JDK does not give: agreeing with the base point gives its x, the curve's
 * equation two candidates for y, a signature says which.
 */
final class EcPublicHalf {
    private EcPublicHalf() {}

    static ECPublicKey of(ECPrivateKey key) throws KbsProtocolException {
        try {
            ECParameterSpec parameters = parameters();
            KeyFactory factory = KeyFactory.getInstance("EC");
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
            agreement.init(key);
            agreement.doPhase(factory.generatePublic(new ECPublicKeySpec(parameters.getGenerator(), parameters)), true);
            BigInteger x = new BigInteger(1, agreement.generateSecret());
            EllipticCurve curve = parameters.getCurve();
            BigInteger p = ((ECFieldFp) curve.getField()).getP();
            BigInteger square =
                    x.pow(2).add(curve.getA()).multiply(x).add(curve.getB()).mod(p);
            // p is 3 modulo 4, so this is a root where there is one
            BigInteger y = square.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
            for (BigInteger candidate : new BigInteger[] {y, p.subtract(y)}) {
                ECPublicKey half = (ECPublicKey)
                        factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, candidate), parameters));
                if (TokenSigner.belongTogether(key, half)) {
                    return half;
                }
            }
        } catch (GeneralSecurityException e) {
            throw new KbsProtocolException("token signer: the key has no public half", e);
        }
        throw new KbsProtocolException("token signer: the key has no public half");
    }

    static EllipticCurve curve() {
        return parameters().getCurve();
    }

    private static ECParameterSpec parameters() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has the curve
        }
    }
}
