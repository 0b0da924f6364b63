package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import java.io.InputStream;

/** One repository of a registry, by the OCI distribution specification, as a source of images. */
public final class RegistryClient implements ImageSource {
    private final ImageReference repository;

    private RegistryClient(ImageReference repository) {
        this.repository = repository;
    }

    /**
     * A client of a repository; nothing is sent yet.
     *
     * @param repository the repository; its tag and digest do not matter
     */
    public static RegistryClient open(ImageReference repository, RegistryOptions options) throws RegistryException {
        return new RegistryClient(repository);
    }

    @Override
    public FetchedManifest fetchByTag(String tag) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + repository);
    }

    @Override
    public FetchedManifest fetchByDigest(Digest digest) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + repository);
    }

    @Override
    public byte[] readBlob(Descriptor blob, int limit) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + repository);
    }

    @Override
    public InputStream openBlob(Descriptor blob) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + repository);
    }

    @Override
    public void close() {}
}
