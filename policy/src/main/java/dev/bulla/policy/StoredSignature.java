package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;

/** A signature as it was stored somewhere: bytes and what was written beside them. Not verified. */
public final class StoredSignature {

    /** What a signature is stored as. */
    public enum Kind {
        /** A simple signing blob: an OpenPGP message (containers-signature(5)). */
        SIMPLE_SIGNING("simple signing signature"),
        /** A payload whose annotations carry its signature (sigstore/cosign, SIGNATURE_SPEC.md). */
        SIGSTORE_ATTACHMENT("sigstore signature"),
        /** A sigstore bundle (sigstore/protobuf-specs, JSON). */
        SIGSTORE_BUNDLE("sigstore bundle"),
        /** A notation envelope, JWS or COSE (notaryproject/specifications). */
        NOTATION("notation signature"),
        /** A manifest as it was served with libtrust signatures, or a libtrust JWS over one (docker/libtrust). */
        SCHEMA1_MANIFEST("libtrust signature");

        private final String noun;

        Kind(String noun) {
            this.noun = noun;
        }

        /** What one of them is called in decisions. */
        public String noun() {
            return noun;
        }
    }

    /** The media type of a simple signing payload in a sigstore attachment; others are refused. */
    public static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";

    /** The annotation that holds the signature in base64. */
    public static final String SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";

    private final Kind kind;
    private final String mediaType;
    private final byte[] bytes;
    private final Map<String, String> annotations;
    private final Optional<String> flaw;

    /**
     * Takes a signature as it was found.
     *
     * @param kind what it is stored as
     * @param mediaType the layer's media type; empty where the store has none
     * @param bytes the blob, whose digest, if it has one, the caller has verified
     * @param annotations the layer's annotations
     */
    public StoredSignature(Kind kind, String mediaType, byte[] bytes, Map<String, String> annotations) {
        this(kind, mediaType, bytes, annotations, Optional.empty());
    }

    private StoredSignature(
            Kind kind, String mediaType, byte[] bytes, Map<String, String> annotations, Optional<String> flaw) {
        this.kind = requireNonNull(kind, "kind is null");
        this.mediaType = requireNonNull(mediaType, "mediaType is null");
        this.bytes = bytes.clone();
        this.annotations = Map.copyOf(annotations);
        this.flaw = requireNonNull(flaw, "flaw is null");
    }

    /** A layer of a sigstore attachment. */
    public static StoredSignature attachment(String mediaType, byte[] payload, Map<String, String> annotations) {
        return new StoredSignature(Kind.SIGSTORE_ATTACHMENT, mediaType, payload, annotations);
    }

    /**
     * What stands where a signature should and cannot be one: it is refused for that reason, and does not hide the others.
     *
     * @param reason why, in one line
     */
    public static StoredSignature unusable(Kind kind, String reason) {
        return new StoredSignature(kind, "", new byte[0], Map.of(), Optional.of(reason));
    }

    /** Why it can be no signature; empty where that is not known yet. */
    public Optional<String> flaw() {
        return flaw;
    }

    /** What it is stored as. */
    public Kind kind() {
        return kind;
    }

    /** The layer's media type. */
    public String mediaType() {
        return mediaType;
    }

    /** Its bytes: of an attachment the payload. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** How many bytes it has. */
    public int length() {
        return bytes.length;
    }

    /** The layer's annotations. */
    public Map<String, String> annotations() {
        return annotations;
    }
}
