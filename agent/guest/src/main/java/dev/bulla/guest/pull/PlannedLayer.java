package dev.bulla.guest.pull;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType;
import dev.bulla.ocicrypt.OpenedLayer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer that policy lets us fetch. Two are the same when blob, media type and diff_id are: then one fetch serves both,
 * whichever key was opened for it.
 *
 * @param descriptor the blob
 * @param type its media type, taken apart
 * @param diffId the digest of the uncompressed layer, by the configuration
 * @param key the key to its encryption, where it is encrypted
 */
record PlannedLayer(Descriptor descriptor, LayerMediaType type, Digest diffId, Optional<OpenedLayer> key) {

    /** The proof that its key has decrypted it, which counts once it has; empty when it is not encrypted. */
    Optional<byte[]> keyProof() {
        return key.map(opened -> opened.keyProof(diffId));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PlannedLayer layer
                && descriptor.equals(layer.descriptor)
                && type.equals(layer.type)
                && diffId.equals(layer.diffId);
    }

    @Override
    public int hashCode() {
        return Objects.hash(descriptor.digest(), diffId);
    }
}
