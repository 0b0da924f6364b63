package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the attributes of an image's inodes, and takes overlayfs's from the tree's own. */
final class StoredXattrs {
    /**
     * What an inode's attributes say.
     *
     * @param own the tree's own, under their own names, in the image's order
     * @param whiteout whether an empty file stands for a whiteout
     * @param whiteouts whether a directory is marked as one with whiteouts
     * @param payload where the bytes of a file are
     * @param digest what they measure
     */
    record Meaning(
            Map<ByteString, ByteString> own,
            boolean whiteout,
            boolean whiteouts,
            Optional<ByteString> payload,
            Optional<VerityDigest> digest) {}

    private record Xattr(ByteString name, ByteString value) {}

    private final ImageBytes image;
    private final ImageHeader header;
    private final Map<Long, Xattr> shared = new HashMap<>();

    StoredXattrs(ImageBytes image, ImageHeader header) {
        this.image = image;
        this.header = header;
    }

    Meaning read(StoredInode inode) throws IOException {
        return meaning(inode, all(inode), header.version().isDepthFirst());
    }

    private Map<ByteString, ByteString> all(StoredInode inode) throws IOException {
        Map<ByteString, ByteString> all = new LinkedHashMap<>();
        if (inode.xattrSize() == 0) {
            return all;
        }
        String what = "xattrs of inode " + inode.number();
        ByteBuffer body = image.read(inode.position() + inode.headerSize(), inode.xattrSize(), what);
        int references = body.get(4) & 0xff;
        int at = ErofsFormat.XATTR_BODY_HEADER_SIZE + references * 4;
        if (at > body.limit()) {
            throw inode.refuse(references + " shared xattrs do not fit into " + body.limit() + " bytes");
        }
        while (at < body.limit()) {
            Xattr xattr = entry(body, at, what);
            add(inode, all, xattr);
            at += ErofsFormat.xattrEntrySize(body.get(at) & 0xff, xattr.value.length());
        }
        for (int i = 0; i < references; i++) {
            long reference = body.getInt(ErofsFormat.XATTR_BODY_HEADER_SIZE + i * 4) & 0xffff_ffffL;
            add(inode, all, shared(reference));
        }
        return all;
    }

    private static void add(StoredInode inode, Map<ByteString, ByteString> all, Xattr xattr)
            throws ImageFormatException {
        if (all.put(xattr.name, xattr.value) != null) {
            throw inode.refuse("xattr " + Quoted.text(xattr.name.toString()) + " twice");
        }
    }

    private Xattr shared(long reference) throws IOException {
        Xattr known = shared.get(reference);
        if (known != null) {
            return known;
        }
        long position = header.xattrStart() + reference * 4;
        String what = "shared xattr";
        ByteBuffer start = image.read(position, ErofsFormat.XATTR_ENTRY_SIZE, what);
        int length = (start.get(0) & 0xff) + (start.getShort(2) & 0xffff);
        ByteBuffer rest = image.read(position + ErofsFormat.XATTR_ENTRY_SIZE, length, what);
        ByteBuffer joined = ByteBuffer.allocate(ErofsFormat.XATTR_ENTRY_SIZE + length)
                .order(start.order())
                .put(start)
                .put(rest);
        Xattr xattr = entry(joined, 0, what);
        shared.put(reference, xattr);
        return xattr;
    }

    private static Xattr entry(ByteBuffer bytes, int at, String what) throws ImageFormatException {
        if (at + ErofsFormat.XATTR_ENTRY_SIZE > bytes.limit()) {
            throw new ImageFormatException(what + ": an entry starts past the end");
        }
        int nameLength = bytes.get(at) & 0xff;
        int number = bytes.get(at + 1) & 0xff;
        int valueLength = bytes.getShort(at + 2) & 0xffff;
        int nameStart = at + ErofsFormat.XATTR_ENTRY_SIZE;
        if (nameStart + nameLength + valueLength > bytes.limit()) {
            throw new ImageFormatException(
                    what + ": an entry of " + nameLength + " and " + valueLength + " bytes ends past " + bytes.limit());
        }
        Optional<XattrPrefix> prefix = XattrPrefix.ofNumber(number);
        if (prefix.isEmpty()) {
            throw new ImageFormatException(what + ": unknown name prefix " + number);
        }
        ByteString name = prefix.get().text().concat(ImageBytes.slice(bytes, nameStart, nameLength));
        if (name.isEmpty() || name.indexOf(0) >= 0) {
            throw new ImageFormatException(what + ": a name that is empty or has a NUL");
        }
        return new Xattr(name, ImageBytes.slice(bytes, nameStart + nameLength, valueLength));
    }

    private static Meaning meaning(StoredInode inode, Map<ByteString, ByteString> all, boolean nativeWhiteouts)
            throws ImageFormatException {
        boolean regular = inode.type() == FileType.REGULAR;
        Map<ByteString, ByteString> own = new LinkedHashMap<>();
        boolean whiteout = false;
        boolean whiteouts = false;
        Optional<ByteString> payload = Optional.empty();
        Optional<VerityDigest> digest = Optional.empty();
        for (Map.Entry<ByteString, ByteString> xattr : all.entrySet()) {
            ByteString name = xattr.getKey();
            ByteString value = xattr.getValue();
            if (name.equals(OverlayXattrs.REDIRECT)) {
                payload = regular ? Optional.of(payload(inode, value)) : payload;
            } else if (name.equals(OverlayXattrs.METACOPY)) {
                digest = regular ? digest(inode, value) : digest;
            } else if (name.equals(OverlayXattrs.ESCAPED_WHITEOUT) && regular && !nativeWhiteouts) {
                whiteout = true;
            } else if (!nativeWhiteouts && isWhiteoutMark(name)) {
                whiteouts |= name.equals(OverlayXattrs.ESCAPED_WHITEOUTS);
            } else if (name.startsWith(OverlayXattrs.ESCAPED_PREFIX)) {
                own.put(OverlayXattrs.PREFIX.concat(name.substring(OverlayXattrs.ESCAPED_PREFIX.length())), value);
            } else if (!name.startsWith(OverlayXattrs.PREFIX)) {
                own.put(name, value);
            }
        }
        return new Meaning(own, whiteout, whiteouts, payload, digest);
    }

    private static boolean isWhiteoutMark(ByteString name) {
        return name.equals(OverlayXattrs.ESCAPED_WHITEOUTS)
                || name.equals(OverlayXattrs.USER_WHITEOUT)
                || name.equals(OverlayXattrs.USER_WHITEOUTS);
    }

    private static ByteString payload(StoredInode inode, ByteString redirect) throws ImageFormatException {
        if (redirect.length() < 2 || redirect.at(0) != '/' || redirect.indexOf(0) >= 0) {
            throw inode.refuse("redirect " + Quoted.text(redirect.toString()) + " is no absolute path");
        }
        return redirect.substring(1);
    }

    private static Optional<VerityDigest> digest(StoredInode inode, ByteString metacopy) throws ImageFormatException {
        if (metacopy.isEmpty()) {
            return Optional.empty();
        }
        for (Digest.Algorithm hash : Digest.Algorithm.values()) {
            VerityAlgorithm algorithm = VerityAlgorithm.of(hash);
            if (metacopy.length() == OverlayXattrs.METACOPY_HEADER_SIZE + algorithm.length()) {
                byte[] value =
                        metacopy.substring(OverlayXattrs.METACOPY_HEADER_SIZE).toByteArray();
                VerityDigest digest = VerityDigest.fromBytes(algorithm, value);
                if (OverlayXattrs.metacopy(digest).equals(metacopy)) {
                    return Optional.of(digest);
                }
            }
        }
        throw inode.refuse("metacopy of " + metacopy.length() + " bytes is neither empty nor a digest");
    }
}
