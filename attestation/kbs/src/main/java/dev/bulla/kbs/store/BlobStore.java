package dev.bulla.kbs.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Bytes by key. A key is of 1 to {@link #MAX_KEY_LENGTH} printable ASCII characters other than the backslash, and does not begin
 * with a dot.
 */
public interface BlobStore {
    /** The longest key. */
    int MAX_KEY_LENGTH = 800;

    /**
     * What is kept under a key.
     *
     * @param key the key
     * @param size how many bytes
     * @param modified when they were put there
     */
    record Entry(String key, long size, Instant modified) {}

    /** Keeps bytes, in the place of those of the same key; whoever reads gets the ones or the others, never a mixture. */
    void put(String key, byte[] content) throws StoreException;

    /** A copy of the bytes, if there are any. */
    Optional<byte[]> get(String key) throws StoreException;

    /** Whether there were any. */
    boolean remove(String key) throws StoreException;

    /** All that is kept, by key. */
    List<Entry> list() throws StoreException;

    /** Refuses what is not a key. */
    static void requireKey(String key) throws StoreException {
        boolean good = !key.isEmpty()
                && key.length() <= MAX_KEY_LENGTH
                && key.charAt(0) != '.'
                && key.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '\\');
        if (!good) {
            throw new StoreException("not a key: expected 1 to " + MAX_KEY_LENGTH
                    + " printable ASCII characters, no backslash, no dot at the beginning");
        }
    }
}
