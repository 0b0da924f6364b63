package dev.bulla.policy.bundle;

import dev.bulla.oci.Digest;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The way from an entry to the root of its log's tree. Spec: RFC 6962, section 2.1; RFC 9162, section 2.1.3.2.
 *
 * @param index the leaf
 * @param size how many leaves the tree has
 * @param rootHash the root
 * @param hashes the nodes beside the way, the lowest first
 * @param checkpoint the log's signature over size and root, as text; bundles of v0.1 may have none
 */
@SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
record InclusionProof(long index, long size, byte[] rootHash, List<byte[]> hashes, Optional<String> checkpoint) {
    /** The most nodes of a way: a tree has fewer than 2^63 leaves. */
    static final int MAX_HASHES = 63;

    static final int HASH_LENGTH = 32;

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    InclusionProof {
        hashes = List.copyOf(hashes);
    }

    /** Verifies that the way from this entry ends in the root. */
    void verifyWay(byte[] entry) throws SignatureRejectedException {
        if (index >= size) {
            throw refused("leaf " + index + " of a tree of " + size);
        }
        long node = index;
        long last = size - 1;
        byte[] hash = hash(LEAF, entry, new byte[0]);
        for (byte[] beside : hashes) {
            if (last == 0) {
                throw refused(hashes.size() + " nodes, more than a tree of " + size + " needs");
            }
            if ((node & 1) == 1 || node == last) {
                hash = hash(NODE, beside, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = hash(NODE, hash, beside);
            }
            node >>= 1;
            last >>= 1;
        }
        if (last != 0 || !Arrays.equals(hash, rootHash)) {
            throw refused("the way from leaf " + index + " does not end in the root of the tree of " + size);
        }
    }

    /** Verifies that the log has signed this very root. */
    void verifyCheckpoint(TrustedRoot.TransparencyLog log, SignatureKey key) throws SignatureRejectedException {
        if (checkpoint.isEmpty()) {
            throw refused("no checkpoint, so the log has not signed its root");
        }
        SignedNote note = SignedNote.parse(checkpoint.get());
        note.verify(log, key);
        if (note.size() != size || !Arrays.equals(note.rootHash(), rootHash)) {
            throw refused("the checkpoint is of another tree: size " + note.size() + ", expected " + size
                    + " with the proof's root");
        }
    }

    private static byte[] hash(byte prefix, byte[] first, byte[] second) {
        MessageDigest digest = Digest.Algorithm.SHA256.newMessageDigest();
        digest.update(prefix);
        digest.update(first);
        digest.update(second);
        return digest.digest();
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.LOG, "the inclusion proof: " + problem);
    }
}
