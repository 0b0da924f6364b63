package dev.bulla.policy.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import java.util.Optional;

/**
 * What a simple signing payload states: that an image of this digest has this name. Spec: containers-signature(5).
 *
 * <p><b>Security.</b> Parse it only once its signature is verified; the digest and the name must then be compared with
 * the image's.
 *
 * @param manifestDigest the digest of what was signed
 * @param dockerReference the name under which it was signed, as it stands there
 * @param creator what made the signature, if it says so
 * @param timestamp when, in seconds since 1970, if it says so; nobody vouches for it
 */
public record SimpleSigningPayload(
        Digest manifestDigest, String dockerReference, Optional<String> creator, Optional<Long> timestamp) {

    /** The two kinds of payload that share the shape. */
    public enum Type {
        /** Under OpenPGP. */
        ATOMIC("atomic container signature", false),
        /** Cosign's, which may have a null for {@code optional}. */
        COSIGN("cosign container image signature", true);

        private final String text;
        private final boolean optionalMayBeNull;

        Type(String text, boolean optionalMayBeNull) {
            this.text = text;
            this.optionalMayBeNull = optionalMayBeNull;
        }
    }

    public SimpleSigningPayload {
        requireNonNull(manifestDigest, "manifestDigest is null");
        requireNonNull(dockerReference, "dockerReference is null");
        requireNonNull(creator, "creator is null");
        requireNonNull(timestamp, "timestamp is null");
    }

    /** Reads a payload of that type. */
    public static SimpleSigningPayload parse(byte[] json, Type type) throws SignatureRejectedException {
        try {
            return read(JsonCursor.parse(json).object(), type);
        } catch (OciException e) {
            throw new SignatureRejectedException(SignatureCheck.PAYLOAD, "the signed payload: " + e.getMessage(), e);
        }
    }

    private static SimpleSigningPayload read(JsonCursor.Members top, Type type) throws OciException {
        top.allowOnly("critical", "optional");
        JsonCursor.Members critical = top.required("critical").object();
        critical.allowOnly("type", "image", "identity");
        JsonCursor typeValue = critical.required("type");
        if (!typeValue.string().equals(type.text)) {
            throw typeValue.refuse("got " + Quoted.text(typeValue.string()) + ", expected \"" + type.text + "\"");
        }
        JsonCursor.Members image = critical.required("image").object();
        image.allowOnly("docker-manifest-digest");
        JsonCursor.Members identity = critical.required("identity").object();
        identity.allowOnly("docker-reference");
        JsonCursor optional = top.required("optional");
        Optional<String> creator = Optional.empty();
        Optional<Long> timestamp = Optional.empty();
        if (!(type.optionalMayBeNull && optional.value() == JsonNull.NULL)) {
            creator = creator(optional.object());
            timestamp = timestamp(optional.object());
        }
        return new SimpleSigningPayload(
                Digest.parse(image.required("docker-manifest-digest").string()),
                identity.required("docker-reference").string(),
                creator,
                timestamp);
    }

    private static Optional<String> creator(JsonCursor.Members optional) throws JsonException {
        Optional<JsonCursor> value = optional.optional("creator");
        return value.isPresent() ? Optional.of(value.get().string()) : Optional.empty();
    }

    private static Optional<Long> timestamp(JsonCursor.Members optional) throws JsonException {
        Optional<JsonCursor> value = optional.optional("timestamp");
        return value.isPresent() ? Optional.of(value.get().integer(Long.MIN_VALUE, Long.MAX_VALUE)) : Optional.empty();
    }
}
