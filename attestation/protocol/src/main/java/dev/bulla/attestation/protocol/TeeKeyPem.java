package dev.bulla.attestation.protocol;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.KeyAgreement;

/**
 * The PEM texts (RFC 7468) by which a TEE key pair is handed on: PKCS#8 for EC, PKCS#1 (RFC 8017 A.1.2) for RSA.
 *
 * <p>Only the private half is read; the public one is computed from it, never taken from the text.
 */
final class TeeKeyPem {
    /** The longest text. */
    static final int MAX_LENGTH = 16 * 1024;

    private static final String EC_LABEL = "PRIVATE KEY";
    private static final String RSA_LABEL = "RSA PRIVATE KEY";
    private static final int LINE = 64;
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;

    /** The version 0 and the algorithm rsaEncryption of a PKCS#8 key. */
    private static final byte[] RSA_PKCS8 = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private TeeKeyPem() {}

    static byte[] write(TeePublicKey publicKey, PrivateKey key) throws KbsProtocolException {
        byte[] pkcs8 = switch (publicKey) {
            case TeePublicKey.Akp akp ->
                throw new KbsProtocolException("TEE key: a key of " + akp.algorithm() + " has no PEM text");
            case TeePublicKey.Ec ec -> key.getEncoded();
            case TeePublicKey.Rsa rsa -> key.getEncoded();
        };
        try {
            return publicKey instanceof TeePublicKey.Rsa
                    ? armour(RSA_LABEL, pkcs1(pkcs8))
                    : armour(EC_LABEL, pkcs8.clone());
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    static TeeKeyPair read(byte[] pem) throws KbsProtocolException {
        if (pem.length > MAX_LENGTH) {
            throw new KbsProtocolException("TEE key: " + pem.length + " bytes, limit " + MAX_LENGTH);
        }
        Optional<byte[]> rsa = body(pem, RSA_LABEL);
        Optional<byte[]> der = rsa.isPresent() ? rsa : body(pem, EC_LABEL);
        if (der.isEmpty()) {
            throw new KbsProtocolException(
                    "TEE key: expected PEM, one " + EC_LABEL + " (PKCS#8, EC) or one " + RSA_LABEL + " (PKCS#1)");
        }
        byte[] secret = der.get();
        try {
            return rsa.isPresent() ? rsa(secret) : ec(secret);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // The cause's words may show what it could not read.
            throw new KbsProtocolException(
                    "TEE key: not a private key of a kind that TEE keys are of: P-256 or P-521 as " + EC_LABEL
                            + " (PKCS#8), RSA as " + RSA_LABEL + " (PKCS#1)");
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static TeeKeyPair rsa(byte[] pkcs1) throws GeneralSecurityException {
        byte[] wrapped = tagged(SEQUENCE, RSA_PKCS8, tagged(OCTET_STRING, pkcs1));
        try {
            KeyFactory factory = KeyFactory.getInstance("RSA");
            if (!(factory.generatePrivate(new PKCS8EncodedKeySpec(wrapped)) instanceof RSAPrivateCrtKey key)) {
                throw new GeneralSecurityException("no CRT key");
            }
            RSAPublicKey publicKey = (RSAPublicKey)
                    factory.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
            return new TeeKeyPair(TeePublicKey.Rsa.of(publicKey), key);
        } finally {
            Arrays.fill(wrapped, (byte) 0);
        }
    }

    private static TeeKeyPair ec(byte[] pkcs8) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC");
        ECPrivateKey key = (ECPrivateKey) factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        for (EcCurve curve : EcCurve.values()) {
            if (key.getParams().getCurve().equals(curve.parameters().getCurve())) {
                return new TeeKeyPair(TeePublicKey.Ec.of(curve, publicKey(factory, curve, key)), key);
            }
        }
        throw new GeneralSecurityException("another curve");
    }

    /**
     * The public key of a private one, which the JDK does not offer: agreeing with the curve's generator gives its x, and of the
     * two points with that x the one that verifies a signature is it.
     */
    private static ECPublicKey publicKey(KeyFactory factory, EcCurve curve, ECPrivateKey key)
            throws GeneralSecurityException {
        var parameters = curve.parameters();
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(key);
        agreement.doPhase(factory.generatePublic(new ECPublicKeySpec(parameters.getGenerator(), parameters)), true);
        BigInteger x = new BigInteger(1, agreement.generateSecret());
        BigInteger p = ((ECFieldFp) parameters.getCurve().getField()).getP();
        // Both primes are 3 modulo 4, so this power is a square root.
        BigInteger y = x.pow(3)
                .add(parameters.getCurve().getA().multiply(x))
                .add(parameters.getCurve().getB())
                .modPow(p.add(BigInteger.ONE).shiftRight(2), p);
        byte[] probe = {1};
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(key);
        signer.update(probe);
        byte[] signature = signer.sign();
        for (BigInteger candidate : new BigInteger[] {y, p.subtract(y)}) {
            ECPublicKey publicKey =
                    (ECPublicKey) factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, candidate), parameters));
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(publicKey);
            verifier.update(probe);
            if (verifier.verify(signature)) {
                return publicKey;
            }
        }
        throw new GeneralSecurityException("no public key");
    }

    /** The octets of PKCS#8's private key, which for RSA are a PKCS#1 key: what follows version and algorithm. */
    private static byte[] pkcs1(byte[] pkcs8) {
        int inner = valueStart(pkcs8, 0) + RSA_PKCS8.length;
        int start = valueStart(pkcs8, inner);
        return Arrays.copyOfRange(pkcs8, start, pkcs8.length);
    }

    private static int valueStart(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] header = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >>> 8), (byte) length};
        byte[] all = Arrays.copyOf(header, header.length + length);
        int at = header.length;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static byte[] armour(String label, byte[] der) {
        byte[] body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encode(der);
        byte[] begin = ("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
        byte[] end = ("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII);
        byte[] text = new byte[begin.length + body.length + end.length];
        System.arraycopy(begin, 0, text, 0, begin.length);
        System.arraycopy(body, 0, text, begin.length, body.length);
        System.arraycopy(end, 0, text, begin.length + body.length, end.length);
        Arrays.fill(body, (byte) 0);
        Arrays.fill(der, (byte) 0);
        return text;
    }

    /** What one block of that label holds, if the text is one, with nothing beside it but line ends. */
    private static Optional<byte[]> body(byte[] pem, String label) {
        byte[] begin = ("-----BEGIN " + label + "-----").getBytes(StandardCharsets.US_ASCII);
        byte[] end = ("-----END " + label + "-----").getBytes(StandardCharsets.US_ASCII);
        int length = pem.length;
        while (length > 0 && isLineEnd(pem[length - 1])) {
            length--;
        }
        if (length < begin.length + end.length
                || !Arrays.equals(pem, 0, begin.length, begin, 0, begin.length)
                || !Arrays.equals(pem, length - end.length, length, end, 0, end.length)) {
            return Optional.empty();
        }
        byte[] base64 = new byte[length - begin.length - end.length];
        int kept = 0;
        for (int i = begin.length; i < length - end.length; i++) {
            if (!isLineEnd(pem[i])) {
                base64[kept++] = pem[i];
            }
        }
        byte[] exact = Arrays.copyOf(base64, kept);
        try {
            return Optional.of(Base64.getDecoder().decode(exact));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(base64, (byte) 0);
            Arrays.fill(exact, (byte) 0);
        }
    }

    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r';
    }
}
