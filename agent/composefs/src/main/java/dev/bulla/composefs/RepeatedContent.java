package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.FileContent;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Finds the files whose content several inodes may have, and so attributes of content that may be shared. An image has two
 * such attributes for nearly every file and nearly all of them once, so they are looked for by eight bytes each; what that
 * takes for repeated is compared in full by who asks.
 */
final class RepeatedContent {
    private static final int OBJECT_FOLDER = 2;
    private static final int KEY_DIGITS = 16;

    /** Keys, with room at the end. */
    private static final class Keys {
        private long[] keys = new long[1024];
        private int count;

        void add(long key) {
            if (count == keys.length) {
                keys = Arrays.copyOf(keys, count * 2);
            }
            keys[count++] = key;
        }

        /** Leaves each key that was there more than once. */
        void keepRepeated() {
            Arrays.sort(keys, 0, count);
            int kept = 0;
            for (int i = 1; i < count; i++) {
                if (keys[i] == keys[i - 1] && (kept == 0 || keys[kept - 1] != keys[i])) {
                    keys[kept++] = keys[i];
                }
            }
            keys = Arrays.copyOf(keys, kept);
            count = kept;
        }

        boolean contains(long key) {
            return Arrays.binarySearch(keys, 0, count, key) >= 0;
        }
    }

    private final Keys digests = new Keys();
    private final Keys payloads = new Keys();

    /** One more file of an image. */
    void add(FileContent.External content) {
        digests.add(digestKey(content));
        payloads.add(payloadKey(content));
    }

    /** All files have been added; from now on it answers. */
    void finish() {
        digests.keepRepeated();
        payloads.keepRepeated();
    }

    /** Whether another file may have the same digest, or none as well. */
    boolean mayRepeatDigest(FileContent.External content) {
        return digests.contains(digestKey(content));
    }

    /** Whether another file may have the same path. */
    boolean mayRepeatPayload(FileContent.External content) {
        return payloads.contains(payloadKey(content));
    }

    private static long digestKey(FileContent.External content) {
        return content.digest().map(VerityDigest::leadingBytes).orElse(0L);
    }

    /** The same of an object's path, whether it is derived from a digest or spelled out. */
    private static long payloadKey(FileContent.External content) {
        if (content.hasObjectPath()) {
            return digestKey(content);
        }
        ByteString path = content.payload();
        if (path.length() <= KEY_DIGITS || path.at(OBJECT_FOLDER) != '/') {
            return path.hashCode();
        }
        long key = 0;
        for (int i = 0; i <= KEY_DIGITS; i++) {
            if (i != OBJECT_FOLDER) {
                int digit = path.at(i);
                if (!HexFormat.isHexDigit(digit)) {
                    return path.hashCode();
                }
                key = key << 4 | HexFormat.fromHexDigit(digit);
            }
        }
        return key;
    }
}
