package dev.bulla.guest.layer;

import dev.bulla.oci.Digest;
import java.security.MessageDigest;

/** The digest of an uncompressed layer, while its bytes go by. */
final class DiffIdHash {
    private final Digest.Algorithm algorithm;
    private final MessageDigest hash;

    DiffIdHash(Digest.Algorithm algorithm) {
        this.algorithm = algorithm;
        this.hash = algorithm.newMessageDigest();
    }

    void update(byte[] bytes, int offset, int length) {
        hash.update(bytes, offset, length);
    }

    /** Compares, once all bytes have gone by. */
    void require(Digest diffId) throws DiffIdMismatchException {
        Digest actual = algorithm.fromBytes(hash.digest());
        if (!actual.equals(diffId)) {
            throw new DiffIdMismatchException(diffId, actual);
        }
    }
}
