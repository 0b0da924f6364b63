package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The extended attributes of an entry that a layer's tree keeps: all but {@code trusted.*} and {@code security.selinux}, which
 * steer overlayfs or are the labels of the machine that packed them. The faithful tree has no {@code user.overlay.*} either;
 * a canonical one may.
 *
 * @param kept by full name
 * @param dropped how many the faithful tree leaves out
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
        int faithful = 0;
        for (Map.Entry<ByteString, ByteString> xattr : all.entrySet()) {
            ByteString name = xattr.getKey();
            if (!name.startsWith(TRUSTED) && !name.equals(SELINUX)) {
                kept.put(name, xattr.getValue());
                bytes += OVERHEAD + name.length() + xattr.getValue().length();
                faithful += name.startsWith(USER_OVERLAY) ? 0 : 1;
            }
        }
        return new KeptXattrs(kept, all.size() - faithful, bytes);
    }

    /** Whether the faithful tree has all of these. */
    static boolean areFaithful(Map<ByteString, ByteString> kept) {
        return kept.keySet().stream().noneMatch(name -> name.startsWith(USER_OVERLAY));
    }

    /** Those of them that the faithful tree has. */
    static Map<ByteString, ByteString> faithful(Map<ByteString, ByteString> kept) {
        Map<ByteString, ByteString> faithful = new LinkedHashMap<>(kept);
        faithful.keySet().removeIf(name -> name.startsWith(USER_OVERLAY));
        return faithful;
    }

    /** Whether the file has capabilities. */
    boolean hasCapability() {
        return kept.containsKey(CAPABILITY);
    }
}
