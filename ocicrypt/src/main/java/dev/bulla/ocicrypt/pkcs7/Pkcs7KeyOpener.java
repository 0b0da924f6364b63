package dev.bulla.ocicrypt.pkcs7;

import dev.bulla.ocicrypt.DecryptionKey;
import dev.bulla.ocicrypt.KeyWrapOpener;
import dev.bulla.ocicrypt.WrapRefusedException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opens {@code pkcs7} wraps with RSA private keys. Every recipient is tried with every key, so no certificate is needed.
 *
 * <p><b>Security.</b> PKCS #1 v1.5 is an oracle if failures can be told apart (Bleichenbacher): whatever is wrong with a
 * transported key, decryption goes on with a random one and fails at the content's tag, as for every other reason.
 */
public final class Pkcs7KeyOpener implements KeyWrapOpener {
    /** The scheme of these wraps. */
    public static final String SCHEME = "pkcs7";

    private final List<RSAPrivateKey> keys;
    private final SecureRandom random;

    /** An opener with those of these keys that are RSA. */
    public Pkcs7KeyOpener(List<DecryptionKey> keys, SecureRandom random) {
        this.keys =
                keys.stream().map(DecryptionKey::rsa).flatMap(Optional::stream).toList();
        this.random = random;
    }

    @Override
    public boolean opens(String scheme) {
        return scheme.equals(SCHEME) && !keys.isEmpty();
    }

    @Override
    public byte[] open(String scheme, byte[] packet) throws WrapRefusedException {
        EnvelopedMessage message = EnvelopedMessage.parse(scheme, packet);
        for (byte[] encryptedKey : message.encryptedKeys()) {
            for (RSAPrivateKey key : keys) {
                Optional<byte[]> opened = open(message, encryptedKey, key);
                if (opened.isPresent()) {
                    return opened.get();
                }
            }
        }
        throw new WrapRefusedException(
                scheme,
                "none of " + keys.size() + " RSA keys opens it for any of "
                        + message.encryptedKeys().size() + " recipients");
    }

    private Optional<byte[]> open(EnvelopedMessage message, byte[] encryptedKey, RSAPrivateKey key) {
        byte[] contentKey = new byte[message.keyLength()];
        random.nextBytes(contentKey);
        try {
            transported(encryptedKey, key, contentKey);
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(contentKey, "AES"),
                    new GCMParameterSpec(EnvelopedMessage.TAG_LENGTH * 8, message.nonce()));
            return Optional.of(gcm.doFinal(message.content()));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    /** Puts the transported key into {@code contentKey}, or leaves what is there. */
    private static void transported(byte[] encryptedKey, RSAPrivateKey key, byte[] contentKey) {
        try {
            Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding");
            rsa.init(Cipher.DECRYPT_MODE, key);
            byte[] plain = rsa.doFinal(encryptedKey);
            if (plain.length == contentKey.length) {
                System.arraycopy(plain, 0, contentKey, 0, plain.length);
            }
            Arrays.fill(plain, (byte) 0);
        } catch (GeneralSecurityException | IllegalStateException e) {
            // the random key stays, and the tag will not agree
        }
    }
}
