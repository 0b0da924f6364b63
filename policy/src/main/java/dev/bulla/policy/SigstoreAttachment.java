package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * One layer of a sigstore attachment: a payload and the annotations that carry its signature. Not verified.
 *
 * <p>Spec: sigstore/cosign, SIGNATURE_SPEC.md.
 */
public final class SigstoreAttachment {
    /** The media type of a simple signing payload; others are passed over. */
    public static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";

    /** The annotation that holds the signature in base64. */
    public static final String SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";

    private final String mediaType;
    private final byte[] payload;
    private final Map<String, String> annotations;

    /**
     * Takes a layer as the registry gave it.
     *
     * @param mediaType the layer's media type
     * @param payload the layer's bytes, whose digest the caller has verified
     * @param annotations the layer's annotations
     */
    public SigstoreAttachment(String mediaType, byte[] payload, Map<String, String> annotations) {
        this.mediaType = requireNonNull(mediaType, "mediaType is null");
        this.payload = payload.clone();
        this.annotations = Map.copyOf(annotations);
    }

    /** The layer's media type. */
    public String mediaType() {
        return mediaType;
    }

    /** The layer's bytes. */
    public byte[] payload() {
        return payload.clone();
    }

    /** How many bytes the payload has. */
    public int payloadLength() {
        return payload.length;
    }

    /** The layer's annotations. */
    public Map<String, String> annotations() {
        return annotations;
    }
}
