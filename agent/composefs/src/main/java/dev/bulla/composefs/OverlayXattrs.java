package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.FileContent;
import java.util.SortedMap;

/**
 * The attributes that overlayfs reads in an image: where a file's bytes are and what they measure, and what of the tree's
 * own overlay attributes and whiteouts has to be escaped so that overlayfs hands it on instead.
 */
final class OverlayXattrs {
    static final ByteString PREFIX = ByteString.utf8("trusted.overlay.");
    static final ByteString ESCAPED_PREFIX = ByteString.utf8("trusted.overlay.overlay.");
    static final ByteString METACOPY = ByteString.utf8("trusted.overlay.metacopy");
    static final ByteString REDIRECT = ByteString.utf8("trusted.overlay.redirect");
    static final ByteString OPAQUE = ByteString.utf8("trusted.overlay.opaque");
    static final ByteString ESCAPED_OPAQUE = ByteString.utf8("trusted.overlay.overlay.opaque");
    static final ByteString ESCAPED_WHITEOUT = ByteString.utf8("trusted.overlay.overlay.whiteout");
    static final ByteString ESCAPED_WHITEOUTS = ByteString.utf8("trusted.overlay.overlay.whiteouts");
    static final ByteString USER_OPAQUE = ByteString.utf8("user.overlay.opaque");
    static final ByteString USER_WHITEOUT = ByteString.utf8("user.overlay.whiteout");
    static final ByteString USER_WHITEOUTS = ByteString.utf8("user.overlay.whiteouts");
    static final ByteString SELINUX = ByteString.utf8("security.selinux");

    static final int METACOPY_HEADER_SIZE = 4;

    private static final ByteString SLASH = ByteString.utf8("/");
    private static final ByteString YES = ByteString.utf8("y");
    private static final ByteString XWHITEOUTS = ByteString.utf8("x");

    private OverlayXattrs() {}

    /** A tree's attribute's name, or the one it has instead where overlayfs would take it for its own. */
    static ByteString escape(ByteString name) {
        return name.startsWith(PREFIX) ? ESCAPED_PREFIX.concat(name.substring(PREFIX.length())) : name;
    }

    /** The value of the attribute of that name, which is {@link #METACOPY} or {@link #REDIRECT}. */
    static ByteString contentValue(ByteString name, FileContent.External content) {
        return name.equals(METACOPY)
                ? content.digest().map(OverlayXattrs::metacopy).orElse(ByteString.EMPTY)
                : SLASH.concat(content.payload());
    }

    /** How long that value is. */
    static int contentValueLength(ByteString name, FileContent.External content) {
        if (!name.equals(METACOPY)) {
            return SLASH.length() + content.payloadLength();
        }
        return content.digest().isEmpty()
                ? 0
                : METACOPY_HEADER_SIZE + content.digest().get().algorithm().length();
    }

    /** Adds what makes an empty file a whiteout to an overlayfs above the image's. */
    static void addWhiteout(SortedMap<ByteString, ByteString> xattrs) {
        xattrs.put(ESCAPED_WHITEOUT, ByteString.EMPTY);
        xattrs.put(USER_WHITEOUT, ByteString.EMPTY);
    }

    /** Adds what makes that overlayfs look for whiteouts in a directory. */
    static void addParentOfWhiteout(SortedMap<ByteString, ByteString> xattrs, FormatVersion version) {
        xattrs.put(ESCAPED_WHITEOUTS, ByteString.EMPTY);
        xattrs.put(USER_WHITEOUTS, ByteString.EMPTY);
        switch (version) {
            case V0, V2 -> {}
            case V1 -> {
                xattrs.put(ESCAPED_OPAQUE, XWHITEOUTS);
                xattrs.put(USER_OPAQUE, XWHITEOUTS);
            }
        }
    }

    /** Adds what hides the object store's own folders below the root. */
    static void addRoot(SortedMap<ByteString, ByteString> xattrs) {
        xattrs.put(OPAQUE, YES);
    }

    /** The attribute that makes the kernel measure a file: version, length, flags, algorithm, digest. */
    static ByteString metacopy(VerityDigest digest) {
        byte[] value = digest.bytes();
        byte[] bytes = new byte[METACOPY_HEADER_SIZE + value.length];
        bytes[1] = (byte) bytes.length;
        bytes[3] = (byte) digest.algorithm().number();
        System.arraycopy(value, 0, bytes, METACOPY_HEADER_SIZE, value.length);
        return ByteString.of(bytes);
    }
}
