package dev.bulla.guest.layer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A tar archive, part by part. How its bytes are cut into parts means nothing. */
@FunctionalInterface
public interface TarParts {
    /** The next part; null at the end of the archive. */
    @Nullable
    TarPart next() throws IOException;
}
