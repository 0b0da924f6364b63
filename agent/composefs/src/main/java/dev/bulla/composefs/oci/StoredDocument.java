package dev.bulla.composefs.oci;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Digest;
import java.util.SortedMap;

/**
 * A manifest or config that was read from a store.
 *
 * <p><b>Security.</b> The bytes have been hashed to the digest. The named references have not been compared with anything:
 * whoever can write to the store can write any of them. They are hints where to look.
 *
 * @param digest the document's digest
 * @param bytes its bytes as they were received
 * @param namedReferences the streams and images that its stream names
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record StoredDocument(Digest digest, byte[] bytes, SortedMap<String, VerityDigest> namedReferences) {
    public StoredDocument {
        requireNonNull(digest, "digest is null");
        requireNonNull(bytes, "bytes is null");
        requireNonNull(namedReferences, "namedReferences is null");
    }
}
