package dev.bulla.policy;

import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads {@code file:} URIs, for tests. */
final class FileResources implements ResourceSource {
    @Override
    public byte[] fetch(URI uri, int limit) throws ResourceException {
        if (!"file".equals(uri.getScheme())) {
            throw new ResourceException(uri, ResourceException.Reason.REFUSED, "not a file");
        }
        try (InputStream in = Files.newInputStream(Path.of(uri))) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new ResourceException(uri, ResourceException.Reason.TOO_LARGE, "limit " + limit);
            }
            return bytes;
        } catch (IOException e) {
            throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "not readable", e);
        }
    }
}
