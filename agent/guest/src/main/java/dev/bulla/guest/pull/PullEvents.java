package dev.bulla.guest.pull;

import dev.bulla.oci.Digest;
import java.io.IOException;

/**
 * Who is told of what a pull is about to do.
 *
 * <p><b>Security.</b> Told before it is done: when this throws, it is not.
 */
public interface PullEvents {
    /** Nobody. */
    PullEvents NONE = new PullEvents() {
        @Override
        public void policy(Digest policy) {
            // nobody hears
        }

        @Override
        public void image(String name, Digest manifest) {
            // nobody hears
        }
    };

    /**
     * A policy is about to decide.
     *
     * @param policy the digest of its text
     * @throws IOException when it must not
     */
    void policy(Digest policy) throws IOException;

    /**
     * An image, which nothing refuses any more, is about to become visible.
     *
     * @param name by which it was asked for
     * @param manifest the platform's manifest
     * @throws IOException when it must not
     */
    void image(String name, Digest manifest) throws IOException;
}
