package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Quoted;

/**
 * The path of a dump's line, where it stands.
 *
 * @param bytes holds it, until the next line is read
 * @param start where it starts
 * @param end where it ends
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record DumpPath(byte[] bytes, int start, int end) {
    boolean isEmpty() {
        return start == end;
    }

    boolean isRoot() {
        return end - start == 1 && bytes[start] == '/';
    }

    /** Where the last name starts. */
    int nameStart() {
        int at = end;
        while (at > start && bytes[at - 1] != '/') {
            at--;
        }
        return at;
    }

    /** The last name; empty where the path ends in a slash. */
    ByteString name() {
        return part(nameStart(), end);
    }

    /** A copy of a part. */
    ByteString part(int from, int to) {
        return ByteString.of(bytes, from, to - from);
    }

    /** The path for messages. */
    String quoted() {
        return Quoted.text(part(start, end).toString());
    }
}
