package dev.bulla.policy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Images to judge, of which a test cares for little. */
final class Subjects {
    private static final Digest CONFIG = Digest.Algorithm.SHA256.of(new byte[] {1});

    private Subjects() {}

    static PolicySubject docker(
            ImageReference reference, Digest manifest, Optional<Digest> index, LayerEncryption encryption) {
        return subject(new ImageName.Registry(reference), manifest, index, encryption);
    }

    static PolicySubject ociLayout(Path folder, Digest manifest, Optional<Digest> index, LayerEncryption encryption) {
        return subject(new ImageName.Layout(folder), manifest, index, encryption);
    }

    private static PolicySubject subject(
            ImageName name, Digest manifest, Optional<Digest> index, LayerEncryption encryption) {
        return new PolicySubject(
                name,
                Descriptor.of(MediaTypes.OCI_MANIFEST, manifest, 1000),
                index.map(digest -> Descriptor.of(MediaTypes.OCI_INDEX, digest, 2000)),
                Optional.of(CONFIG),
                switch (encryption) {
                    case ALL -> List.of(true, true);
                    case SOME -> List.of(true, false);
                    case NONE -> List.of(false, false);
                },
                Map.of());
    }

    /** The same image with these annotations. */
    static PolicySubject annotated(PolicySubject image, Map<String, String> annotations) {
        return new PolicySubject(
                image.name(),
                image.manifestDescriptor(),
                image.indexDescriptor(),
                image.config(),
                image.encryptedLayers(),
                annotations,
                image.sources());
    }

    /** The same image from these places. */
    static PolicySubject from(PolicySubject image, String... sources) {
        return new PolicySubject(
                image.name(),
                image.manifestDescriptor(),
                image.indexDescriptor(),
                image.config(),
                image.encryptedLayers(),
                image.annotations(),
                List.of(sources));
    }

    /** Sigstore attachments by what they are on. */
    @FunctionalInterface
    interface Attachments {
        List<StoredSignature> of(Digest signedObject);
    }

    /** A source that has sigstore attachments and nothing else. */
    static SignatureSource attachments(Attachments attachments) {
        return (kind, digest) -> kind == StoredSignature.Kind.SIGSTORE_ATTACHMENT ? attachments.of(digest) : List.of();
    }
}
