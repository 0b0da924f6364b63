package dev.bulla.kbs.store;

import dev.bulla.oci.SymmetricKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Seals bytes for their place: {@code "BullaKbs\1"}, a random nonce of 12 bytes, and AES-256-GCM's ciphertext and tag. The
 * associated data is {@code bulla kbs blob 1}, a newline and the place's name.
 *
 * <p><b>Security.</b> Bytes that were sealed for one place do not open in another, nor under another key, nor changed; that they
 * are the last ones that were put there, nothing says (docs/adr/0009-kbs-at-rest.md).
 */
final class BlobSeal {
    /** By how much sealed bytes are longer. */
    static final int OVERHEAD = 9 + 12 + 16;

    private static final byte[] MAGIC = "BullaKbs\1".getBytes(StandardCharsets.ISO_8859_1);
    private static final String ASSOCIATED = "bulla kbs blob 1\n";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SymmetricKey key;
    private final SecureRandom random;

    BlobSeal(SymmetricKey key, SecureRandom random) {
        this.key = key;
        this.random = random;
    }

    byte[] seal(String place, byte[] content) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        byte[] sealed = new byte[content.length + OVERHEAD];
        System.arraycopy(MAGIC, 0, sealed, 0, MAGIC.length);
        System.arraycopy(nonce, 0, sealed, MAGIC.length, NONCE);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, place);
            cipher.doFinal(content, 0, content.length, sealed, MAGIC.length + NONCE);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has the cipher, the buffer has the length
        }
        return sealed;
    }

    byte[] open(String place, byte[] sealed) throws StoreException {
        if (!isSealed(sealed)) {
            throw new StoreException(place + ": it is not sealed, and a key is given");
        }
        try {
            Cipher cipher =
                    cipher(Cipher.DECRYPT_MODE, Arrays.copyOfRange(sealed, MAGIC.length, MAGIC.length + NONCE), place);
            return cipher.doFinal(sealed, MAGIC.length + NONCE, sealed.length - MAGIC.length - NONCE);
        } catch (GeneralSecurityException e) {
            throw new StoreException(place + ": it was not sealed for this place under this key, or was changed", e);
        }
    }

    static boolean isSealed(byte[] bytes) {
        return bytes.length >= OVERHEAD && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce), random);
        cipher.updateAAD((ASSOCIATED + place).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
