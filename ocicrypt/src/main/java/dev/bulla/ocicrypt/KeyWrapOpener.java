package dev.bulla.ocicrypt;

/** Opens one kind of key wrap: gives the private options that a layer's annotation holds. */
public interface KeyWrapOpener {

    /**
     * Whether it opens wraps of this scheme.
     *
     * @param scheme the annotation's name behind {@code org.opencontainers.image.enc.keys.}, such as {@code jwe} or
     *     {@code provider.attestation-agent}; matched exactly
     */
    boolean opens(String scheme);

    /**
     * Opens a wrap.
     *
     * @param scheme a scheme for which {@link #opens} is true
     * @param packet the wrap, at most {@link EncryptionAnnotations#MAX_PACKET_SIZE} bytes
     * @return the private options' JSON, a fresh array that the caller wipes
     * @throws WrapRefusedException when it does not open, whatever the reason
     */
    byte[] open(String scheme, byte[] packet) throws WrapRefusedException;
}
