package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The extended attributes of an entry that may stand in an image: all but those that steer overlayfs and those that belong to
 * the host's own labels.
 *
 * @param kept by full name
 * @param dropped how many were left out
 * @param bytes what those that are kept cost in an image
 */
record KeptXattrs(Map<ByteString, ByteString> kept, int dropped, long bytes) {
    /** What an attribute costs in an image beside its name and value, as composefs counts it. */
    private static final int OVERHEAD = 7;

    private static final ByteString TRUSTED = ByteString.utf8("trusted.");
    private static final ByteString USER_OVERLAY = ByteString.utf8("user.overlay.");
    private static final ByteString SELINUX = ByteString.utf8("security.selinux");
    private static final ByteString CAPABILITY = ByteString.utf8("security.capability");

    static KeptXattrs of(Map<ByteString, ByteString> all) {
        if (all.isEmpty()) {
            return new KeptXattrs(Map.of(), 0, 0);
        }
        Map<ByteString, ByteString> kept = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<ByteString, ByteString> xattr : all.entrySet()) {
            ByteString name = xattr.getKey();
            if (!name.startsWith(TRUSTED) && !name.startsWith(USER_OVERLAY) && !name.equals(SELINUX)) {
                kept.put(name, xattr.getValue());
                bytes += OVERHEAD + name.length() + xattr.getValue().length();
            }
        }
        return new KeptXattrs(kept, all.size() - kept.size(), bytes);
    }

    /** Whether the file has capabilities. */
    boolean hasCapability() {
        return kept.containsKey(CAPABILITY);
    }
}
