package dev.bulla.attestation.protocol;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import javax.security.auth.DestroyFailedException;

/**
 * The key pair a guest makes for one session with a KBS.
 *
 * <p><b>Security.</b> It leaves the process by {@link #toPem} alone. {@link #close} drops the private key and asks the JDK to destroy it;
 * providers that cannot do that leave the memory to the garbage collector.
 */
public final class TeeKeyPair implements AutoCloseable {
    private static final int RSA_BITS = 2048;

    private final TeePublicKey publicKey;
    private final PrivateKey privateKey;
    private volatile boolean closed;

    TeeKeyPair(TeePublicKey publicKey, PrivateKey privateKey) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
    }

    /** A new key pair. */
    public static TeeKeyPair generate(TeeKeyAlgorithm algorithm, SecureRandom random) {
        try {
            return switch (algorithm) {
                case EC_P256 -> generateEc(EcCurve.P256, random);
                case EC_P521 -> generateEc(EcCurve.P521, random);
                case RSA_2048 -> {
                    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
                    generator.initialize(new RSAKeyGenParameterSpec(RSA_BITS, RSAKeyGenParameterSpec.F4), random);
                    KeyPair pair = generator.generateKeyPair();
                    yield new TeeKeyPair(TeePublicKey.Rsa.of((RSAPublicKey) pair.getPublic()), pair.getPrivate());
                }
                case EXPERIMENTAL_ML_KEM_768 -> {
                    KeyPairGenerator generator = KeyPairGenerator.getInstance("ML-KEM-768");
                    generator.initialize(NamedParameterSpec.ML_KEM_768, random);
                    KeyPair pair = generator.generateKeyPair();
                    yield new TeeKeyPair(TeePublicKey.Akp.of(pair.getPublic()), pair.getPrivate());
                }
            };
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has these
        }
    }

    static TeeKeyPair generateEc(EcCurve curve, SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve.jcaName()), random);
        KeyPair pair = generator.generateKeyPair();
        return new TeeKeyPair(TeePublicKey.Ec.of(curve, (ECPublicKey) pair.getPublic()), pair.getPrivate());
    }

    /**
     * Reads a key pair that {@link #toPem} wrote, here or in guest-components: {@code PRIVATE KEY} (PKCS#8) of a curve that TEE
     * keys may be on, or {@code RSA PRIVATE KEY} (PKCS#1).
     *
     * @param pem the text; the caller wipes it
     * @throws KbsProtocolException when it is neither
     */
    public static TeeKeyPair fromPem(byte[] pem) throws KbsProtocolException {
        return TeeKeyPem.read(pem);
    }

    /**
     * The key pair as it is handed on with its token: an EC key as PKCS#8, an RSA key as PKCS#1.
     *
     * <p><b>Security.</b> Whoever has it opens all that a KBS encrypts to this key.
     *
     * @return a fresh array, which the caller wipes
     * @throws KbsProtocolException for an experimental key, which has no such text
     */
    public byte[] toPem() throws KbsProtocolException {
        return TeeKeyPem.write(publicKey, privateKey());
    }

    /** The public half. */
    public TeePublicKey publicKey() {
        return publicKey;
    }

    PrivateKey privateKey() {
        if (closed) {
            throw new IllegalStateException("the key pair is closed");
        }
        return privateKey;
    }

    @Override
    public void close() {
        closed = true;
        try {
            privateKey.destroy();
        } catch (DestroyFailedException e) {
            // The JDK's EC and RSA keys cannot be destroyed; this one is unreachable once its owner drops it.
        }
    }

    /** The public key's thumbprint alone. */
    @Override
    public String toString() {
        return "TeeKeyPair[" + publicKey.thumbprint() + "]";
    }
}
