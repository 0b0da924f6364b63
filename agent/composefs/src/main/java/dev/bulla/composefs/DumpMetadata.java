package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Timestamp;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes one object of what many lines of a dump have in common: times, attributes, and metadata as a whole. What was met
 * lately is remembered, in tables of fixed size, where the latest of a place stays.
 */
final class DumpMetadata {
    private static final int PLACES = 4096;

    /** Attributes as a line has them, and what they are. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Attributes(byte[] text, Map<ByteString, ByteString> map) {}

    private final @Nullable Timestamp[] times = new Timestamp[PLACES];
    private final @Nullable Metadata[] metadata = new Metadata[PLACES];
    private final @Nullable Attributes[] attributes = new Attributes[PLACES];

    Timestamp time(long seconds, long nanos) {
        int place = place(Long.hashCode(seconds * 31 + nanos));
        Timestamp known = times[place];
        if (known == null || known.seconds() != seconds || known.nanos() != nanos) {
            known = new Timestamp(seconds, nanos);
            times[place] = known;
        }
        return known;
    }

    Metadata metadata(int permissions, long uid, long gid, Timestamp mtime, DumpLine line) throws DumpFormatException {
        Map<ByteString, ByteString> own = attributes(line);
        int hash = permissions + 31 * (Long.hashCode(uid) + 31 * (Long.hashCode(gid) + 31 * mtime.hashCode()));
        int place = place(hash * 31 + System.identityHashCode(own));
        Metadata known = metadata[place];
        if (known == null
                || known.permissions() != permissions
                || known.uid() != uid
                || known.gid() != gid
                || !known.mtime().equals(mtime)
                || !known.xattrs().equals(own)) {
            known = new Metadata(permissions, uid, gid, mtime, own);
            metadata[place] = known;
        }
        return known;
    }

    /** The attributes of a line; the same map for the same text, where that was met lately. */
    private Map<ByteString, ByteString> attributes(DumpLine line) throws DumpFormatException {
        int length = line.xattrLength();
        if (length == 0) {
            return Map.of();
        }
        if (length > DumpLine.MAX_CACHED_XATTRS) {
            return line.xattrs();
        }
        int place = place(line.xattrHash());
        Attributes known = attributes[place];
        if (known == null || !line.hasXattrs(known.text)) {
            // Metadata makes of a map what it keeps, so that is what is remembered.
            Map<ByteString, ByteString> kept =
                    Metadata.ofRoot(0).withXattrs(line.xattrs()).xattrs();
            known = new Attributes(line.xattrText(), kept);
            attributes[place] = known;
        }
        return known.map;
    }

    private static int place(int hash) {
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}
