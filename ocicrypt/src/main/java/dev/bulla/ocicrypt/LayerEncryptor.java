package dev.bulla.ocicrypt;

import dev.bulla.oci.Digest;
import dev.bulla.oci.SymmetricKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;

/**
 * Encrypts layers with {@code AES_256_CTR_HMAC_SHA256} as the ocicrypt libraries do, each under a fresh key and nonce, in
 * one pass and with one buffer.
 */
public final class LayerEncryptor {
    private static final int BUFFER = 64 << 10;

    private final List<KeyWrap> wraps;
    private final SecureRandom random;

    /**
     * An encryptor.
     *
     * @param wraps how the layers' keys are wrapped; any one of them opens a layer
     */
    public LayerEncryptor(List<? extends KeyWrap> wraps, SecureRandom random) {
        if (wraps.isEmpty() || wraps.size() > EncryptionAnnotations.MAX_PACKETS) {
            throw new IllegalArgumentException(wraps.size() + " key wraps");
        }
        this.wraps = List.copyOf(wraps);
        this.random = random;
    }

    /**
     * Encrypts one layer's blob.
     *
     * @param plain the (compressed) blob, read to its end
     * @param ciphertext where its ciphertext goes; not closed
     */
    public EncryptedLayer encrypt(InputStream plain, OutputStream ciphertext) throws IOException {
        byte[] rawKey = new byte[SymmetricKey.LENGTH];
        byte[] nonce = new byte[PrivateOptions.NONCE_LENGTH];
        random.nextBytes(rawKey);
        random.nextBytes(nonce);
        try (SymmetricKey key = new SymmetricKey(rawKey)) {
            Cipher cipher = LayerCipher.cipher(key, nonce);
            Mac hmac = LayerCipher.hmac(key);
            MessageDigest plainDigest = Digest.Algorithm.SHA256.newMessageDigest();
            MessageDigest digest = Digest.Algorithm.SHA256.newMessageDigest();
            byte[] buffer = new byte[BUFFER];
            long size = 0;
            for (int got = plain.read(buffer); got >= 0; got = plain.read(buffer)) {
                plainDigest.update(buffer, 0, got);
                cipher.update(buffer, 0, got, buffer, 0);
                hmac.update(buffer, 0, got);
                digest.update(buffer, 0, got);
                ciphertext.write(buffer, 0, got);
                size += got;
            }
            PrivateOptions options = new PrivateOptions(
                    key, nonce, Optional.of(Digest.Algorithm.SHA256.fromBytes(plainDigest.digest())));
            return new EncryptedLayer(
                    Digest.Algorithm.SHA256.fromBytes(digest.digest()), size, annotations(options, hmac.doFinal()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the output is as long as the input
        }
    }

    private Map<String, String> annotations(PrivateOptions options, byte[] hmac) {
        Base64.Encoder base64 = Base64.getEncoder();
        byte[] json = options.toJson();
        try {
            Map<String, String> annotations = new LinkedHashMap<>();
            for (KeyWrap wrap : wraps) {
                annotations.merge(
                        EncryptionAnnotations.KEYS + wrap.scheme(),
                        base64.encodeToString(wrap.wrap(json)),
                        (before, more) -> before + "," + more);
            }
            annotations.put(
                    EncryptionAnnotations.PUBLIC_OPTIONS,
                    base64.encodeToString(new PublicOptions(hmac, Optional.empty()).toJson()));
            return annotations;
        } finally {
            Arrays.fill(json, (byte) 0);
        }
    }
}
