package dev.bulla.ocicrypt;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@link LayerEncryptor} wrote.
 *
 * @param digest the digest of the ciphertext
 * @param size its bytes
 * @param annotations the annotations of encryption, for the layer's descriptor beside those it has
 */
public record EncryptedLayer(Digest digest, long size, Map<String, String> annotations) {
    public EncryptedLayer {
        requireNonNull(digest, "digest is null");
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }
}
