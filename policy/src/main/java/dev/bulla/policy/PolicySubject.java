package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The image that is judged.
 *
 * <p><b>Security.</b> The digests are those of byte arrays in the caller's hand: {@code manifest} of the image manifest
 * that will be run, {@code index} of the index whose entry for our platform is that manifest. An index that is not linked
 * so must not be named here, since a signature on it is taken as one on the image.
 *
 * @param name what the tenant called it
 * @param manifest the image manifest's digest
 * @param index the digest of the index that led to it, if one did
 * @param encryption how many of the manifest's layers are encrypted
 */
public record PolicySubject(ImageName name, Digest manifest, Optional<Digest> index, LayerEncryption encryption) {
    public PolicySubject {
        requireNonNull(name, "name is null");
        requireNonNull(manifest, "manifest is null");
        requireNonNull(index, "index is null");
        requireNonNull(encryption, "encryption is null");
    }

    /** An image of a registry, under the name that the tenant gave. */
    public static PolicySubject docker(
            ImageReference reference, Digest manifest, Optional<Digest> index, LayerEncryption encryption) {
        return new PolicySubject(new ImageName.Registry(reference), manifest, index, encryption);
    }

    /** An image of the OCI layout in that folder, an absolute real path. */
    public static PolicySubject ociLayout(
            Path folder, Digest manifest, Optional<Digest> index, LayerEncryption encryption) {
        return new PolicySubject(new ImageName.Layout(folder), manifest, index, encryption);
    }
}
