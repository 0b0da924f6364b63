package dev.bulla.ocicrypt;

import dev.bulla.oci.SymmetricKey;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;

/**
 * The two primitives of {@code AES_256_CTR_HMAC_SHA256}, from the JDK: the cipher with a 128-bit big-endian counter, and
 * the HMAC over the ciphertext under the same key.
 */
final class LayerCipher {
    private LayerCipher() {}

    /** The key stream; encrypting and decrypting are the same. */
    static Cipher cipher(SymmetricKey key, byte[] nonce) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it, and the lengths are checked
        }
    }

    static Mac hmac(SymmetricKey key) {
        try {
            Mac hmac = Mac.getInstance("HmacSHA256");
            hmac.init(key);
            return hmac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it, and takes any key
        }
    }
}
