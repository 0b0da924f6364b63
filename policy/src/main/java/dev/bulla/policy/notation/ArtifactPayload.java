package dev.bulla.policy.notation;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;

/** What a notation signature states: the descriptor of the artifact. Spec: signature-specification.md, Payload. */
final class ArtifactPayload {
    private ArtifactPayload() {}

    /**
     * Requires that the payload is on this manifest or index: its media type, digest and size.
     *
     * @param payload verified
     */
    static void require(byte[] payload, Descriptor signedObject) throws SignatureRejectedException {
        Descriptor target = parse(payload);
        if (!target.digest().equals(signedObject.digest())
                || target.size() != signedObject.size()
                || !target.mediaType().equals(signedObject.mediaType())) {
            throw new SignatureRejectedException(
                    SignatureCheck.DIGEST, "it is on " + describe(target) + ", expected " + describe(signedObject));
        }
    }

    private static Descriptor parse(byte[] payload) throws SignatureRejectedException {
        try {
            JsonCursor.Members members = JsonCursor.parse(payload).object();
            members.allowOnly("targetArtifact");
            JsonCursor artifact = members.required("targetArtifact");
            artifact.object().allowOnly("mediaType", "digest", "size", "annotations", "artifactType");
            return Descriptor.read(artifact);
        } catch (JsonException e) {
            throw refused(e);
        } catch (OciException e) {
            throw refused(e);
        }
    }

    private static SignatureRejectedException refused(Exception e) {
        return new SignatureRejectedException(SignatureCheck.PAYLOAD, "the payload: " + e.getMessage(), e);
    }

    private static String describe(Descriptor descriptor) {
        return descriptor.digest() + " of " + descriptor.size() + " bytes, " + Quoted.text(descriptor.mediaType());
    }
}
