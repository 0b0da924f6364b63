package dev.bulla.registry;

import java.io.IOException;
import java.io.InputStream;

/** Content that can be read from its start more than once: an upload may have to be sent again after a login. */
@FunctionalInterface
public interface BlobContent {

    /** A new stream from the first byte. */
    InputStream open() throws IOException;
}
