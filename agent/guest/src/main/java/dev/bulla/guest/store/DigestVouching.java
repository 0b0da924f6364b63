package dev.bulla.guest.store;

import java.io.IOException;
import java.util.Optional;

/**
 * Who can say which image a configuration makes, so that it need not be computed again.
 *
 * <p><b>Security.</b> A digest does not count because it is stored: whoever edits a store offline makes image, objects,
 * streams, references and verity agree. An implementation answers only from what such an editor could not write: this
 * process's own memory, a record that a key released by the KBS authenticates, a seal that was verified.
 */
public interface DigestVouching {
    /** In which way it vouches. */
    enum Basis {
        /** This process has computed the image, since the guest booted. */
        COMPUTED("computed since boot"),
        /** A store record that is authentic under a key that the KBS released. */
        RECORD("authenticated"),
        /** A seal that was verified. */
        SEAL("sealed");

        private final String words;

        Basis(String words) {
            this.words = words;
        }

        /** How results say it. */
        public String words() {
            return words;
        }
    }

    /** In which way this one vouches. */
    Basis basis();

    /**
     * The image that these make, if it can be vouched for.
     *
     * @throws RecordRefusedException when something claims to vouch for it and must not be believed
     */
    Optional<VouchedImage> find(ImageIdentity identity) throws IOException;
}
