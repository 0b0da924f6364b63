package dev.bulla.guest.layer;

import dev.bulla.composefs.VerityDigest;
import java.util.Optional;

/**
 * Which bodies of an archive are the whole of an object that the store has, so that they need not be written and hashed
 * again.
 *
 * <p><b>Security.</b> Its word counts because the stream that the archive is read from throws, at its end at the latest,
 * when one of these objects is not what its digest says.
 */
@FunctionalInterface
interface KnownBodies {
    /** Knows none. */
    KnownBodies NONE = (offset, length) -> Optional.empty();

    /**
     * The object that is exactly the bytes of this range, if one is.
     *
     * @param offset where in the archive the body begins; its first byte has been read from the stream
     * @param length its length in bytes
     */
    Optional<VerityDigest> find(long offset, long length);
}
