package dev.bulla.ocicrypt;

import dev.bulla.oci.Digest;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.Mac;

/**
 * A layer whose key is at hand: decrypts its blob once.
 *
 * <p><b>Security.</b> Holds the layer's key until {@link #close}; redacts itself.
 */
public final class OpenedLayer implements AutoCloseable {
    private static final byte[] KEY_PROOF = "bulla: decrypted layer 1\n".getBytes(StandardCharsets.US_ASCII);

    private final String wrap;
    private final PrivateOptions options;
    private final byte[] hmac;
    private boolean used;

    OpenedLayer(String wrap, PrivateOptions options, byte[] hmac) {
        this.wrap = wrap;
        this.options = options;
        this.hmac = hmac.clone();
    }

    /** The scheme of the wrap that opened, {@code jwe} or {@code provider.attestation-agent}. */
    public String wrap() {
        return wrap;
    }

    /**
     * The digest that whoever encrypted wrote down; advisory. It may be that of the decrypted blob, of its uncompressed
     * form, or neither.
     */
    public Optional<Digest> statedDigest() {
        return options.digest();
    }

    /**
     * The plaintext of the layer's blob, in one pass and without a buffer of its own: give it large reads.
     *
     * <p><b>Security.</b> What it gives is unauthenticated until it has reported the end of the stream: there the HMAC over
     * all ciphertext has been compared, and {@link LayerAuthenticationException} is thrown in place of the end when it
     * differs. Whoever stops reading earlier knows nothing; read to the end before publishing anything.
     *
     * @param ciphertext the blob; closed with the stream that is returned
     * @throws IllegalStateException when it has been called before, or after {@link #close}
     */
    public InputStream decrypt(InputStream ciphertext) {
        if (used) {
            throw new IllegalStateException("the layer has been decrypted");
        }
        used = true;
        return new LayerDecryptingStream(ciphertext, options.key(), options.nonce(), hmac);
    }

    /**
     * Proof that the holder of this key has seen it decrypt that layer: 32 bytes of HMAC-SHA-256 with the key.
     *
     * <p><b>Security.</b> Whoever keeps it, after the layer was decrypted and its HMAC and diff_id agreed, can tell later that
     * the same key was opened again, for the same content. Nobody without the key can make it, for this layer or another; it
     * tells nothing of the key.
     *
     * @param diffId the digest of the uncompressed layer
     * @throws IllegalStateException after {@link #close}
     */
    public byte[] keyProof(Digest diffId) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(options.key());
            mac.update(KEY_PROOF);
            return mac.doFinal(diffId.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is in every JDK", e);
        }
    }

    /** Wipes the key; streams that were given out go on. */
    @Override
    public void close() {
        options.close();
        used = true;
    }

    @Override
    public String toString() {
        return "OpenedLayer[" + wrap + ", redacted]";
    }
}
