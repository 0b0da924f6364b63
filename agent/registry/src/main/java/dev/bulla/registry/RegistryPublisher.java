package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import java.io.Closeable;

/**
 * Pushes blobs and manifests into one repository: what a tenant's tools need and an agent never does. It asks for the
 * scopes {@code pull,push} and keeps all other rules of {@link RegistryClient}: credentials, insecure hosts by name only,
 * timeouts.
 *
 * <p>An image is pushed from its leaves up, since registries refuse a manifest whose blobs they lack: every layer and the
 * configuration by {@link #putBlob}, then the manifest by {@link #putManifest}, then an index the same way.
 *
 * <pre>{@code
 * try (RegistryPublisher publisher = RegistryPublisher.open(reference, options)) {
 *     publisher.putBlob(layer, () -> Files.newInputStream(layerFile));
 *     publisher.putBlob(config, () -> new ByteArrayInputStream(configBytes));
 *     publisher.putManifest(MediaTypes.OCI_MANIFEST, manifestBytes, Optional.of("v1"));
 * }
 * }</pre>
 */
@SuppressWarnings("DoNotCallSuggester") // its bodies follow
public final class RegistryPublisher implements Closeable {
    private final ImageReference repository;

    private RegistryPublisher(ImageReference repository) {
        this.repository = repository;
    }

    /**
     * A publisher into a repository; nothing is sent yet.
     *
     * @param repository the repository; its tag and digest do not matter
     */
    public static RegistryPublisher open(ImageReference repository, RegistryOptions options) throws RegistryException {
        return new RegistryPublisher(repository);
    }

    /** Whether the repository has the blob already. */
    public boolean hasBlob(Digest digest) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + repository);
    }

    /**
     * Uploads a blob, unless the repository has it already.
     *
     * @param blob its digest, which the registry checks, and its exact size
     * @param content its bytes; opened anew for each try
     * @throws ContentMismatchException when {@code content} gives more or fewer bytes than the descriptor says
     */
    public void putBlob(Descriptor blob, BlobContent content) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + repository);
    }

    /**
     * Uploads a manifest or an index, under a tag or, without one, under its digest only.
     *
     * @param mediaType its media type
     * @param manifest its bytes, sent as they are
     * @param tag the tag that is to name it
     * @return the sha256 digest of the bytes
     */
    public Digest putManifest(String mediaType, byte[] manifest, java.util.Optional<String> tag)
            throws RegistryException {
        throw new UnsupportedOperationException("to come: " + repository);
    }

    @Override
    public void close() {}
}
