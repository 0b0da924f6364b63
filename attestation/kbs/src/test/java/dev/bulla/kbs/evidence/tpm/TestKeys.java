package dev.bulla.kbs.evidence.tpm;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;

/** Attestation keys, made once for all tests, since they take long to make. */
public final class TestKeys {
    /** A TPM's key. */
    public static final KeyPair AK = rsa(2048);

    /** Another's. */
    public static final KeyPair OTHER = rsa(2048);

    private TestKeys() {}

    public static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
