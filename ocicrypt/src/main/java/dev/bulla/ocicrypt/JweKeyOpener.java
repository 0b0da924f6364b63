package dev.bulla.ocicrypt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEDecrypter;
import com.nimbusds.jose.crypto.ECDHDecrypter;
import com.nimbusds.jose.crypto.RSADecrypter;
import dev.bulla.oci.OciException;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@code jwe} wraps with private keys at hand: RFC 7516 JSON, general or flattened, with RSA-OAEP, RSA-OAEP-256 or
 * ECDH-ES with AES key wrap.
 *
 * <p><b>Security.</b> Every recipient is tried with every key that fits its algorithm, and one failure stands for all.
 */
public final class JweKeyOpener implements KeyWrapOpener {
    /** The scheme of these wraps. */
    public static final String SCHEME = "jwe";

    /** The most keys. */
    public static final int MAX_KEYS = 64;

    private final List<DecryptionKey> keys;

    public JweKeyOpener(List<DecryptionKey> keys) {
        if (keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException(keys.size() + " keys, expected at most " + MAX_KEYS);
        }
        this.keys = List.copyOf(keys);
    }

    @Override
    public boolean opens(String scheme) {
        return scheme.equals(SCHEME) && !keys.isEmpty();
    }

    @Override
    public byte[] open(String scheme, byte[] packet) throws WrapRefusedException {
        JweMessage message;
        try {
            message = JweMessage.parse(packet);
        } catch (OciException e) {
            throw new WrapRefusedException(scheme, e.getMessage(), e);
        }
        @Nullable JOSEException last = null;
        for (JweMessage.Recipient recipient : message.recipients()) {
            for (DecryptionKey key : keys) {
                try {
                    @Nullable JWEDecrypter decrypter = decrypter(key, recipient);
                    if (decrypter != null) {
                        return decrypter.decrypt(
                                recipient.header(),
                                recipient.encryptedKey(),
                                message.iv(),
                                message.ciphertext(),
                                message.tag(),
                                message.additionalData());
                    }
                } catch (JOSEException e) {
                    last = e;
                }
            }
        }
        throw new WrapRefusedException(
                scheme,
                "none of " + keys.size() + " keys opens it for any of "
                        + message.recipients().size() + " recipients",
                last);
    }

    private static @Nullable JWEDecrypter decrypter(DecryptionKey key, JweMessage.Recipient recipient)
            throws JOSEException {
        boolean ec = JweAlgorithms.EC.contains(recipient.header().getAlgorithm());
        return switch (key.key()) {
            case RSAPrivateKey rsa when !ec -> new RSADecrypter(rsa);
            case ECPrivateKey agreement when ec -> new ECDHDecrypter(agreement);
            default -> null;
        };
    }
}
