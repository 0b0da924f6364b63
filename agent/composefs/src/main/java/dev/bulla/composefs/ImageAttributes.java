package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The extended attributes of an image's inodes: escaped, in order, and those that several inodes have known as such.
 *
 * <p>The attributes that say where a file's bytes are and what they measure are made when asked for, for there are two for
 * nearly every file; only those that files may have in common are kept.
 */
final class ImageAttributes {
    /** The permissions of the devices that hide an object store's folders. */
    static final int STUB_PERMISSIONS = 0644;

    private static final ByteString ACL_ACCESS = ByteString.utf8("system.posix_acl_access");
    private static final ByteString ACL_DEFAULT = ByteString.utf8("system.posix_acl_default");
    private static final ImageXattr[] NONE = {};
    private static final List<ByteString> STUB_NAMES = stubNames();

    private final FormatVersion version;
    private final Map<ImageXattr, ImageXattr> known = new HashMap<>();
    private final RepeatedContent repeated = new RepeatedContent();
    private boolean hasAcl;

    ImageAttributes(FormatVersion version) {
        this.version = version;
    }

    /** The name of one of the devices that hide an object store's folders. */
    static ByteString stubName(int number) {
        return STUB_NAMES.get(number);
    }

    private static List<ByteString> stubNames() {
        List<ByteString> names = new ArrayList<>();
        for (int i = 0; i < ErofsFormat.STUBS; i++) {
            names.add(ByteString.utf8(HexFormat.of().toHexDigits((byte) i)));
        }
        return List.copyOf(names);
    }

    /** Whether an inode has an access control list. */
    boolean hasAcl() {
        return hasAcl;
    }

    /** The attributes of an inode of that metadata, in the image's order, without those of its content. */
    ImageXattr[] of(Metadata metadata, Supplier<String> where) throws UnwritableTreeException {
        if (metadata.xattrs().isEmpty()) {
            return NONE;
        }
        if (!version.isDepthFirst()) {
            return of(escaped(metadata, where));
        }
        check(metadata, where);
        List<ImageXattr> own = new ArrayList<>();
        // In the order of the names that they have in the tree.
        new TreeMap<>(metadata.xattrs())
                .forEach((name, value) -> own.add(use(new ImageXattr(OverlayXattrs.escape(name), value, version))));
        return own.toArray(NONE);
    }

    /** Attributes that are escaped already, in the image's order. */
    ImageXattr[] of(SortedMap<ByteString, ByteString> escaped) {
        if (escaped.isEmpty()) {
            return NONE;
        }
        hasAcl |= escaped.containsKey(ACL_ACCESS) || escaped.containsKey(ACL_DEFAULT);
        ImageXattr[] own = new ImageXattr[escaped.size()];
        int at = 0;
        for (Map.Entry<ByteString, ByteString> xattr : escaped.entrySet()) {
            own[at++] = use(new ImageXattr(xattr.getKey(), xattr.getValue(), version));
        }
        return own;
    }

    /** The attributes of a stub: the root's label. */
    ImageXattr[] ofStub(Metadata root) {
        ByteString label = root.xattrs().get(OverlayXattrs.SELINUX);
        return label == null ? NONE : of(new TreeMap<>(Map.of(OverlayXattrs.SELINUX, label)));
    }

    /** A tree's attributes, those of overlayfs renamed; to be added to. */
    SortedMap<ByteString, ByteString> escaped(Metadata metadata, Supplier<String> where)
            throws UnwritableTreeException {
        check(metadata, where);
        TreeMap<ByteString, ByteString> escaped = new TreeMap<>();
        metadata.xattrs().forEach((name, value) -> escaped.put(OverlayXattrs.escape(name), value));
        return escaped;
    }

    /** One more file whose content stands elsewhere. */
    void addContent(FileContent.External content) {
        repeated.add(content);
    }

    /** All inodes are known: counts what of their contents they have in common. */
    void finish(List<ImageInode> inodes) {
        repeated.finish();
        for (ImageInode inode : inodes) {
            if (inode.data instanceof ImageInode.Data.Chunks chunks) {
                FileContent.External content = chunks.content();
                if (repeated.mayRepeatDigest(content)) {
                    use(ImageXattr.metacopy(content));
                }
                if (hasRedirect(content) && repeated.mayRepeatPayload(content)) {
                    use(ImageXattr.redirect(content));
                }
            }
        }
    }

    /** All attributes of an inode, in the image's order. */
    List<ImageXattr> all(ImageInode inode) {
        if (!(inode.data instanceof ImageInode.Data.Chunks chunks)) {
            return List.of(inode.xattrs);
        }
        FileContent.External content = chunks.content();
        List<ImageXattr> all = new ArrayList<>(inode.xattrs.length + 2);
        ImageXattr metacopy = ImageXattr.metacopy(content);
        all.add(repeated.mayRepeatDigest(content) ? known.getOrDefault(metacopy, metacopy) : metacopy);
        if (hasRedirect(content)) {
            ImageXattr redirect = ImageXattr.redirect(content);
            all.add(repeated.mayRepeatPayload(content) ? known.getOrDefault(redirect, redirect) : redirect);
        }
        if (inode.xattrs.length > 0) {
            all.addAll(List.of(inode.xattrs));
            if (!version.isDepthFirst()) {
                all.sort(Comparator.comparing(ImageXattr::name));
            }
        }
        return all;
    }

    /** The attributes that several inodes have, in the order of their table. */
    List<ImageXattr> shared() {
        return known.keySet().stream()
                .filter(ImageXattr::isShared)
                .sorted(ImageXattr.tableOrder(version))
                .toList();
    }

    private static boolean hasRedirect(FileContent.External content) {
        return content.payloadLength() > 0;
    }

    private ImageXattr use(ImageXattr xattr) {
        ImageXattr same = known.putIfAbsent(xattr, xattr);
        ImageXattr kept = same == null ? xattr : same;
        kept.countUse();
        return kept;
    }

    private static void check(Metadata metadata, Supplier<String> where) throws UnwritableTreeException {
        if (metadata.xattrs().isEmpty()) {
            return;
        }
        long size = XattrLimits.HEADER;
        for (Map.Entry<ByteString, ByteString> xattr : metadata.xattrs().entrySet()) {
            ByteString key = xattr.getKey();
            size += XattrLimits.entry(key, xattr.getValue());
            if (key.isEmpty() || key.length() > XattrLimits.MAX_NAME || key.indexOf(0) >= 0) {
                throw new UnwritableTreeException(where.get() + ": xattr name of " + key.length()
                        + " bytes, expected 1 to " + XattrLimits.MAX_NAME + " without NUL");
            }
        }
        if (size > XattrLimits.MAX_TOTAL) {
            throw new UnwritableTreeException(
                    where.get() + ": xattrs of " + size + " bytes, limit " + XattrLimits.MAX_TOTAL);
        }
    }

    /** A path for messages. */
    static String quoted(ByteString path) {
        return Quoted.text(path.toString());
    }
}
