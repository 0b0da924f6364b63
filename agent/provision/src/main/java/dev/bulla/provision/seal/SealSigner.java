package dev.bulla.provision.seal;

import static java.util.Objects.requireNonNull;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * Who signs a seal.
 *
 * @param key the private key, RSA or ECDSA
 * @param certificate its certificate, which a signature names and does not hold
 */
public record SealSigner(PrivateKey key, X509Certificate certificate) {
    public SealSigner {
        requireNonNull(key, "key is null");
        requireNonNull(certificate, "certificate is null");
    }
}
