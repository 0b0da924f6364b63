package dev.bulla.ocicrypt;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Opens encrypted layers: finds a wrap that one of the given openers opens, and checks what comes out.
 *
 * <p>The openers are asked in the order given, each with the layer's wraps by the annotation's name and then in its own
 * order; the first that opens is used. Put openers that ask nobody before those that ask an attestation service.
 *
 * <p><b>Security.</b> The nonce is the private options'; public options that name another are refused. Whoever can write
 * the annotations may choose among the wraps and may encrypt to a public key: only a signature says who encrypted.
 */
public final class LayerDecryptor {
    private final List<KeyWrapOpener> openers;

    public LayerDecryptor(List<? extends KeyWrapOpener> openers) {
        this.openers = List.copyOf(openers);
    }

    /**
     * Opens a layer.
     *
     * @param annotations all annotations of the layer's descriptor
     * @throws MalformedEncryptionException when they are not what ocicrypt writes
     * @throws NoKeyException when no wrap opens
     */
    public OpenedLayer open(Map<String, String> annotations) throws OcicryptException {
        EncryptionAnnotations encryption = EncryptionAnnotations.parse(annotations);
        List<WrapRefusedException> refusals = new ArrayList<>();
        for (KeyWrapOpener opener : openers) {
            for (EncryptionAnnotations.Packet packet : encryption.packets()) {
                if (!opener.opens(packet.scheme())) {
                    continue;
                }
                try {
                    PrivateOptions options = unwrap(opener, packet);
                    requireSameNonce(encryption.publicOptions().nonce(), options);
                    return new OpenedLayer(
                            packet.scheme(), options, encryption.publicOptions().hmac());
                } catch (WrapRefusedException e) {
                    refusals.add(e);
                }
            }
        }
        throw new NoKeyException(encryption.schemes(), refusals);
    }

    private static PrivateOptions unwrap(KeyWrapOpener opener, EncryptionAnnotations.Packet packet)
            throws WrapRefusedException {
        byte[] json = opener.open(packet.scheme(), packet.bytes().clone());
        try {
            return PrivateOptions.parse(json);
        } catch (MalformedEncryptionException e) {
            // What a wrong key or an unauthenticated wrap gives looks like this too: one refusal for all of them.
            throw new WrapRefusedException(packet.scheme(), e.getMessage(), e);
        } finally {
            Arrays.fill(json, (byte) 0);
        }
    }

    private static void requireSameNonce(Optional<byte[]> publicNonce, PrivateOptions options)
            throws MalformedEncryptionException {
        if (publicNonce.isPresent() && !MessageDigest.isEqual(publicNonce.get(), options.nonce())) {
            options.close();
            throw new MalformedEncryptionException("the public options name another nonce than the private options");
        }
    }
}
