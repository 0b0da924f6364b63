package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The digests of a store's objects, as bytes side by side: 45 to 90 bytes each for SHA-256, where a set of Java objects takes
 * some 130. By value alone: what the block size was is not in a name.
 *
 * <p>Not safe for use by several threads. The hash is keyed, since whoever writes a store chooses the names in it.
 */
final class DigestSet {
    private static final int FIRST_CAPACITY = 1 << 10;
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    /** All of one length, in a table of open addresses that is at most three quarters full. */
    private static final class Table {
        private final int width;
        private byte[] slots;
        private BitSet used;
        private int size;

        Table(int width) {
            this.width = width;
            this.slots = new byte[FIRST_CAPACITY * width];
            this.used = new BitSet(FIRST_CAPACITY);
        }

        int capacity() {
            return slots.length / width;
        }

        /** Where this digest is, or would be. */
        int slot(byte[] digest, long key) {
            int capacity = capacity();
            int slot = (int) (hash(digest, key) & (capacity - 1));
            while (used.get(slot) && !Arrays.equals(slots, slot * width, slot * width + width, digest, 0, width)) {
                slot = (slot + 1) & (capacity - 1);
            }
            return slot;
        }

        boolean add(byte[] digest, long key) {
            if (size >= capacity() / 4 * 3) {
                grow(key);
            }
            int slot = slot(digest, key);
            if (used.get(slot)) {
                return false;
            }
            System.arraycopy(digest, 0, slots, slot * width, width);
            used.set(slot);
            size++;
            return true;
        }

        private void grow(long key) {
            byte[] old = slots;
            BitSet oldUsed = used;
            int capacity = capacity() * 2;
            slots = new byte[Math.multiplyExact(capacity, width)];
            used = new BitSet(capacity);
            byte[] digest = new byte[width];
            for (int i = oldUsed.nextSetBit(0); i >= 0; i = oldUsed.nextSetBit(i + 1)) {
                System.arraycopy(old, i * width, digest, 0, width);
                int slot = slot(digest, key);
                System.arraycopy(digest, 0, slots, slot * width, width);
                used.set(slot);
            }
        }

        private static long hash(byte[] digest, long key) {
            ByteBuffer words = ByteBuffer.wrap(digest);
            long hash = key;
            while (words.remaining() >= Long.BYTES) {
                hash = (hash ^ words.getLong()) * MULTIPLIER;
                hash ^= hash >>> 32;
            }
            return hash;
        }
    }

    private final long key = new SecureRandom().nextLong();
    private final Table[] tables = {new Table(32), new Table(64)};

    private Table table(int length) {
        for (Table table : tables) {
            if (table.width == length) {
                return table;
            }
        }
        throw new IllegalArgumentException("a digest of " + length + " bytes");
    }

    /**
     * Puts a digest in.
     *
     * @return whether it was not in already
     */
    boolean add(VerityDigest digest) {
        byte[] bytes = digest.bytes();
        return table(bytes.length).add(bytes, key);
    }

    /** Whether it is in. */
    boolean contains(VerityDigest digest) {
        byte[] bytes = digest.bytes();
        Table table = table(bytes.length);
        return table.used.get(table.slot(bytes, key));
    }

    /** How many are in. */
    long size() {
        long size = 0;
        for (Table table : tables) {
            size += table.size;
        }
        return size;
    }
}
