package dev.bulla.guest.delta;

import dev.bulla.composefs.tree.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the headers of one type of entry differ from the canonical ones, entry after entry in the same way: the magic, the
 * file type in the mode, names of users. The checksum is computed again, unless a change covers it.
 *
 * @param changes in the order of their offsets, apart from one another
 */
record HeaderChanges(List<Change> changes) {
    /** The canonical headers as they are. */
    static final HeaderChanges NONE = new HeaderChanges(List.of());

    /** What another writer does in all its headers is less than this; more is one header's own. */
    private static final int MAX_BYTES = 96;

    /** Bytes that stand at an offset in place of the canonical ones. */
    record Change(int offset, ByteString bytes) {
        int end() {
            return offset + bytes.length();
        }
    }

    HeaderChanges {
        changes = List.copyOf(changes);
    }

    /** What makes {@code actual} of {@code canonical}. */
    static HeaderChanges between(byte[] canonical, byte[] actual) {
        byte[] summed = actual.clone();
        CanonicalHeaders.sign(summed);
        int end = CanonicalHeaders.CHECKSUM + CanonicalHeaders.CHECKSUM_LENGTH;
        boolean usualChecksum =
                Arrays.equals(summed, CanonicalHeaders.CHECKSUM, end, actual, CanonicalHeaders.CHECKSUM, end);
        List<Change> changes = new ArrayList<>();
        int at = 0;
        while (at < CanonicalHeaders.BLOCK) {
            int start = at;
            while (at < CanonicalHeaders.BLOCK && differs(canonical, actual, at, usualChecksum)) {
                at++;
            }
            if (at > start) {
                changes.add(new Change(start, ByteString.of(actual, start, at - start)));
            } else {
                at++;
            }
        }
        return new HeaderChanges(changes);
    }

    private static boolean differs(byte[] canonical, byte[] actual, int at, boolean usualChecksum) {
        if (isChecksum(at)) {
            // All of it or nothing: a change that covers it is what keeps it from being computed.
            return !usualChecksum;
        }
        return canonical[at] != actual[at];
    }

    private static boolean isChecksum(int at) {
        return at >= CanonicalHeaders.CHECKSUM && at < CanonicalHeaders.CHECKSUM + CanonicalHeaders.CHECKSUM_LENGTH;
    }

    /** Whether these may be another writer's way, and are worth to be kept for the entries to come. */
    boolean isSmall() {
        int bytes = 0;
        for (Change change : changes) {
            bytes += change.bytes.length();
        }
        return bytes <= MAX_BYTES;
    }

    /** A canonical header with these changes. */
    byte[] apply(byte[] canonical) {
        if (changes.isEmpty()) {
            return canonical;
        }
        byte[] header = canonical.clone();
        boolean sums = true;
        for (Change change : changes) {
            change.bytes.copyTo(header, change.offset);
            sums &= !isChecksum(change.offset) && !isChecksum(change.end() - 1);
        }
        if (sums) {
            CanonicalHeaders.sign(header);
        }
        return header;
    }
}
