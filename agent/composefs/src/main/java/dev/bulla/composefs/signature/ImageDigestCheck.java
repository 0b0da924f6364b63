package dev.bulla.composefs.signature;

import dev.bulla.composefs.VerityDigest;
import java.io.IOException;

/**
 * Asks, before an image is mounted, for somebody who is trusted and vouches for its digest.
 *
 * <p>An interface, because user space need not be the only one that can answer.
 *
 * <p><b>Security.</b> To be asked before every mount, also of an image that was mounted before: what stands on a disk between
 * two boots is the host's.
 */
@FunctionalInterface
public interface ImageDigestCheck {

    /**
     * Requires that an image's digest is signed.
     *
     * @param image the digest that the mount will be held to
     * @return whose signature over it was verified
     * @throws SignatureRefusedException when there is none, or it is not by those who are trusted, or over another digest
     * @throws IOException when it cannot be read
     */
    SignedDigest require(VerityDigest image) throws IOException;
}
