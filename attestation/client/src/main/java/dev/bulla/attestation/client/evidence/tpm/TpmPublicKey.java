package dev.bulla.attestation.client.evidence.tpm;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;

/** A key's public area (TPMT_PUBLIC): what we ask for of an attestation key, and what we take. */
final class TpmPublicKey {
    /** An RSA key of 2048 bits that signs by RSASSA and SHA-256, and nothing but what the TPM itself says. */
    static final int ATTESTATION_KEY = 1 << 1 // fixedTPM
            | 1 << 4 // fixedParent
            | 1 << 5 // sensitiveDataOrigin
            | 1 << 6 // userWithAuth
            | 1 << 10 // noDA: its password is empty, there is nothing to guess
            | 1 << 16 // restricted
            | 1 << 18; // sign

    private static final int RESTRICTED = 1 << 16;
    private static final int SIGN = 1 << 18;
    private static final int BITS = 2048;
    private static final int MIN_BITS = 2048;
    private static final int MAX_BITS = 4096;
    private static final int DEFAULT_EXPONENT = 65537;

    private TpmPublicKey() {}

    static byte[] template() {
        return TpmCommand.of("template", 0)
                .u16(TpmAlgorithm.RSA)
                .u16(TpmAlgorithm.SHA256)
                .u32(ATTESTATION_KEY)
                .sized(new byte[0]) // no policy
                .u16(TpmAlgorithm.NULL) // no symmetric cipher: it is no parent
                .u16(TpmAlgorithm.RSASSA)
                .u16(TpmAlgorithm.SHA256)
                .u16(BITS)
                .u32(0) // the exponent 65537
                .sized(new byte[0])
                .parameters();
    }

    /**
     * Reads the public area of an attestation key.
     *
     * @throws EvidenceUnavailableException when it is malformed, not RSA of 2048 to 4096 bits, or not restricted to what the
     *     TPM itself says
     */
    static RSAPublicKey parse(byte[] area) throws EvidenceUnavailableException {
        TpmReader in = new TpmReader("public area of the attestation key", area);
        int type = in.u16();
        if (type != TpmAlgorithm.RSA) {
            throw in.refuse("key type " + type + ", expected RSA");
        }
        in.u16(); // the hash of its name
        int attributes = in.u32();
        if ((attributes & RESTRICTED) == 0 || (attributes & SIGN) == 0) {
            throw in.refuse("it is not a restricted signing key: anybody could have it sign a false quote");
        }
        in.sized(); // policy
        int symmetric = in.u16();
        if (symmetric != TpmAlgorithm.NULL) {
            throw in.refuse("symmetric cipher " + symmetric + ", expected none");
        }
        int scheme = in.u16();
        if (scheme != TpmAlgorithm.NULL) {
            in.u16(); // the scheme's hash
        }
        int bits = in.u16();
        if (bits < MIN_BITS || bits > MAX_BITS) {
            throw in.refuse(bits + " bits, expected " + MIN_BITS + " to " + MAX_BITS);
        }
        int exponent = in.u32();
        BigInteger modulus = new BigInteger(1, in.sized());
        in.end();
        if (modulus.bitLength() != bits) {
            throw in.refuse("a modulus of " + modulus.bitLength() + " bits, expected " + bits);
        }
        BigInteger e = BigInteger.valueOf(exponent == 0 ? DEFAULT_EXPONENT : Integer.toUnsignedLong(exponent));
        try {
            return (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, e));
        } catch (GeneralSecurityException thrown) {
            throw new EvidenceUnavailableException("tpm: the attestation key is no RSA key", thrown);
        }
    }
}
