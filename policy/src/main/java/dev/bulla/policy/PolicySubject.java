package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The image that is judged.
 *
 * <p><b>Security.</b> The descriptors are those of byte arrays in the caller's hand: {@code manifestDescriptor} of the image
 * manifest that will be run, {@code indexDescriptor} of the index whose entry for our platform is that manifest. An index
 * that is not linked so must not be named here, since a signature on it is taken as one on the image. The rest was read
 * from the manifest's bytes.
 *
 * @param name what the tenant called it
 * @param manifestDescriptor the image manifest's media type, digest and size
 * @param indexDescriptor those of the index that led to it, if one did
 * @param config the digest of its configuration; empty for a manifest without one
 * @param encryptedLayers for each layer, lowest first, whether its media type is that of an encrypted one
 * @param annotations the manifest's annotations
 * @param sources where the manifest, and the index that led to it, came from, mirrors applied:
 *     {@code https://host[:port]/v2/repository} or {@code oci:/folder}; empty where it is not known
 */
public record PolicySubject(
        ImageName name,
        Descriptor manifestDescriptor,
        Optional<Descriptor> indexDescriptor,
        Optional<Digest> config,
        List<Boolean> encryptedLayers,
        Map<String, String> annotations,
        List<String> sources) {
    public PolicySubject {
        requireNonNull(name, "name is null");
        requireNonNull(manifestDescriptor, "manifestDescriptor is null");
        requireNonNull(indexDescriptor, "indexDescriptor is null");
        requireNonNull(config, "config is null");
        encryptedLayers = List.copyOf(encryptedLayers);
        annotations = Map.copyOf(annotations);
        sources = List.copyOf(sources);
    }

    /** An image of which it is not known where it came from. */
    public PolicySubject(
            ImageName name,
            Descriptor manifestDescriptor,
            Optional<Descriptor> indexDescriptor,
            Optional<Digest> config,
            List<Boolean> encryptedLayers,
            Map<String, String> annotations) {
        this(name, manifestDescriptor, indexDescriptor, config, encryptedLayers, annotations, List.of());
    }

    /** The image manifest's digest. */
    public Digest manifest() {
        return manifestDescriptor.digest();
    }

    /** The digest of the index that led to it, if one did. */
    public Optional<Digest> index() {
        return indexDescriptor.map(Descriptor::digest);
    }

    /** How many of its layers are encrypted. */
    public LayerEncryption encryption() {
        return LayerEncryption.of(
                (int) encryptedLayers.stream().filter(encrypted -> encrypted).count(), encryptedLayers.size());
    }

    /** What a signature can be on: the manifest, and the index where there is one. */
    List<Descriptor> signedObjects() {
        return indexDescriptor
                .map(index -> List.of(manifestDescriptor, index))
                .orElseGet(() -> List.of(manifestDescriptor));
    }
}
