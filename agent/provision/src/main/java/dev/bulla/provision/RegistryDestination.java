package dev.bulla.provision;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.registry.BlobContent;
import dev.bulla.registry.RegistryException;
import dev.bulla.registry.RegistryOptions;
import dev.bulla.registry.RegistryPublisher;
import java.util.Optional;

/** A repository of a registry as a destination. */
public final class RegistryDestination implements ImageDestination {
    private final RegistryPublisher publisher;

    private RegistryDestination(RegistryPublisher publisher) {
        this.publisher = publisher;
    }

    /** Opens a repository; the reference's tag and digest do not matter. */
    public static RegistryDestination open(ImageReference repository, RegistryOptions options)
            throws RegistryException {
        return new RegistryDestination(RegistryPublisher.open(repository, options));
    }

    @Override
    public void putBlob(Descriptor blob, BlobContent content) throws RegistryException {
        publisher.putBlob(blob, content);
    }

    @Override
    public Descriptor putManifest(String mediaType, byte[] manifest, Optional<String> tag) throws RegistryException {
        Digest digest = publisher.putManifest(mediaType, manifest, tag);
        return Descriptor.of(mediaType, digest, manifest.length);
    }

    @Override
    public void close() {
        publisher.close();
    }
}
