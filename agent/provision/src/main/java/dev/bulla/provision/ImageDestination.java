package dev.bulla.provision;

import dev.bulla.oci.Descriptor;
import dev.bulla.registry.BlobContent;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/** Where images are written to: leaves first, then what refers to them. */
public sealed interface ImageDestination extends Closeable permits LayoutWriter, RegistryDestination {

    /**
     * Writes a blob, unless it is there already.
     *
     * @param blob its digest and size, against which the content is checked
     * @param content its bytes
     */
    void putBlob(Descriptor blob, BlobContent content) throws IOException;

    /**
     * Writes a manifest or an index.
     *
     * @param tag the tag that is to name it, taken from whatever had it
     * @return its descriptor
     */
    Descriptor putManifest(String mediaType, byte[] manifest, Optional<String> tag) throws IOException;
}
