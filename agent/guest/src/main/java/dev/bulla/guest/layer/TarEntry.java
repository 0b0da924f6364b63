package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Timestamp;
import java.util.Map;

/**
 * A tar entry, its extension headers applied. Names are the archive's bytes, as it spells them.
 *
 * @param header where its header (with its extensions) begins in the uncompressed layer
 * @param name its name; not empty
 * @param permissions the low twelve bits of its mode
 * @param size the length of its body; 0 for all but regular files
 * @param link the target of a hard or symbolic link, else empty
 * @param major a device's major number, else 0
 * @param minor a device's minor number, else 0
 * @param xattrs its extended attributes by full name
 * @param ignoredRecords how many PAX records said something that is not taken over
 */
record TarEntry(
        long header,
        TarType type,
        ByteString name,
        int permissions,
        long uid,
        long gid,
        long size,
        Timestamp mtime,
        ByteString link,
        long major,
        long minor,
        Map<ByteString, ByteString> xattrs,
        int ignoredRecords) {}
