package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What every inode has, whatever its type.
 *
 * @param permissions the low twelve bits of the mode: permissions, set-user-id, set-group-id, sticky
 * @param uid the owner, 32 bits
 * @param gid the group, 32 bits
 * @param mtime the time of the last change of content
 * @param xattrs extended attributes by full name ({@code security.capability}); kept in the order given, which only a dump
 *     shows and equality ignores
 */
public record Metadata(int permissions, long uid, long gid, Timestamp mtime, Map<ByteString, ByteString> xattrs) {
    private static final long MAX_ID = 0xffff_ffffL;
    private static final int PERMISSION_BITS = 07777;

    public Metadata {
        if ((permissions & ~PERMISSION_BITS) != 0) {
            throw new IllegalArgumentException(
                    "permissions 0" + Integer.toOctalString(permissions) + " are not of 12 bits");
        }
        requireId(uid, "uid");
        requireId(gid, "gid");
        requireNonNull(mtime, "mtime is null");
        xattrs = FrozenXattrs.of(xattrs);
    }

    /** Metadata of root without attributes, changed at the epoch. */
    public static Metadata ofRoot(int permissions) {
        return new Metadata(permissions, 0, 0, Timestamp.EPOCH, Map.of());
    }

    /** The same with other attributes. */
    public Metadata withXattrs(Map<ByteString, ByteString> replacement) {
        return new Metadata(permissions, uid, gid, mtime, replacement);
    }

    private static void requireId(long id, String what) {
        if (id < 0 || id > MAX_ID) {
            throw new IllegalArgumentException(what + " " + id + " is not of 32 bits");
        }
    }
}
