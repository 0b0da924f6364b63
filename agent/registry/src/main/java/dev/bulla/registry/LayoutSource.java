package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import java.io.InputStream;
import java.nio.file.Path;

/** An OCI image layout on disk as the source of its images. */
public final class LayoutSource implements ImageSource {
    private final Path folder;

    private LayoutSource(Path folder) {
        this.folder = folder;
    }

    /**
     * Opens a layout.
     *
     * @param folder the folder that holds {@code oci-layout}, {@code index.json} and {@code blobs/}
     */
    public static LayoutSource open(Path folder) throws RegistryException {
        return new LayoutSource(folder);
    }

    /** The layout's only image, where it is named without a tag; refused where the layout holds more. */
    public FetchedManifest fetchOnly() throws RegistryException {
        return fetchByTag(folder.toString());
    }

    @Override
    public FetchedManifest fetchByTag(String tag) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + folder);
    }

    @Override
    public FetchedManifest fetchByDigest(Digest digest) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + folder);
    }

    @Override
    public byte[] readBlob(Descriptor blob, int limit) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + folder);
    }

    @Override
    public InputStream openBlob(Descriptor blob) throws RegistryException {
        throw new UnsupportedOperationException("to come: " + folder);
    }

    @Override
    public void close() {}
}
