package dev.bulla.policy.bundle;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** A log's tree by the definitions of RFC 6962, section 2.1, word for word: another way than the verifier's. */
final class MerkleTree {
    private final List<byte[]> leaves;

    MerkleTree(List<byte[]> leaves) {
        this.leaves = List.copyOf(leaves);
    }

    byte[] root() throws GeneralSecurityException {
        return root(leaves);
    }

    List<byte[]> path(int leaf) throws GeneralSecurityException {
        return path(leaf, leaves);
    }

    private static byte[] root(List<byte[]> leaves) throws GeneralSecurityException {
        if (leaves.size() == 1) {
            return hash(0, leaves.getFirst(), new byte[0]);
        }
        int split = split(leaves.size());
        return hash(1, root(leaves.subList(0, split)), root(leaves.subList(split, leaves.size())));
    }

    private static List<byte[]> path(int leaf, List<byte[]> leaves) throws GeneralSecurityException {
        if (leaves.size() == 1) {
            return new ArrayList<>();
        }
        int split = split(leaves.size());
        List<byte[]> left = leaves.subList(0, split);
        List<byte[]> right = leaves.subList(split, leaves.size());
        List<byte[]> path = leaf < split ? path(leaf, left) : path(leaf - split, right);
        path.add(root(leaf < split ? right : left));
        return path;
    }

    private static int split(int size) {
        return Integer.highestOneBit(size - 1);
    }

    private static byte[] hash(int prefix, byte[] first, byte[] second) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update((byte) prefix);
        digest.update(first);
        digest.update(second);
        return digest.digest();
    }
}
