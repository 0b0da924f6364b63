package dev.bulla.guest.pull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Index;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.NotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The sigstore attachments of an image where the image itself is: under cosign's tag, {@code sha256-….sig}. */
final class RegistrySignatures implements SignatureSource {
    private final ImageSource source;

    RegistrySignatures(ImageSource source) {
        this.source = source;
    }

    @Override
    public List<StoredSignature> signatures(StoredSignature.Kind kind, Digest signedObject)
            throws IOException, PolicyException {
        return kind == StoredSignature.Kind.SIGSTORE_ATTACHMENT ? attachments(signedObject) : List.of();
    }

    private List<StoredSignature> attachments(Digest signedObject) throws IOException, PolicyException {
        String tag = signedObject.algorithm().id() + "-" + signedObject.hex() + ".sig";
        if (tag.length() > 128) {
            return List.of(); // longer than a tag may be: no tool can have stored one
        }
        FetchedManifest fetched;
        try {
            fetched = source.fetchByTag(tag);
        } catch (NotFoundException e) {
            return List.of();
        }
        Manifest manifest;
        try {
            manifest = switch (ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType())) {
                case Manifest single -> single;
                case Index index -> throw new PolicyException("signatures " + tag + ": an index, expected a manifest");
            };
        } catch (OciException e) {
            throw new PolicyException("signatures " + tag + ": " + e.getMessage(), e);
        }
        if (manifest.layers().size() > MAX_SIGNATURES) {
            throw new PolicyException(
                    "signatures " + tag + ": got " + manifest.layers().size() + ", expected at most " + MAX_SIGNATURES);
        }
        List<StoredSignature> attachments = new ArrayList<>();
        long total = 0;
        for (Descriptor layer : manifest.layers()) {
            if (layer.mediaType().equals(StoredSignature.SIMPLE_SIGNING)) {
                // They are held together until one is accepted, so it is their sum that must fit.
                total += Math.min(layer.size(), MAX_SIGNATURE_LENGTH + 1L);
                if (total > MAX_SIGNATURES_LENGTH) {
                    throw new PolicyException(
                            "signatures " + tag + ": more than " + MAX_SIGNATURES_LENGTH + " bytes of payloads");
                }
                attachments.add(StoredSignature.attachment(
                        layer.mediaType(), source.readBlob(layer, MAX_SIGNATURE_LENGTH), layer.annotations()));
            }
        }
        return attachments;
    }
}
