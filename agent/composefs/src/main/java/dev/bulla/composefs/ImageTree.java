package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Claims;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import dev.bulla.oci.Quoted;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tree made into the inodes of an image: overlayfs's attributes added, the tree's own escaped, and all in the image's
 * order, which is breadth first by name.
 */
final class ImageTree {
    private static final ByteString ACL_ACCESS = ByteString.utf8("system.posix_acl_access");
    private static final ByteString ACL_DEFAULT = ByteString.utf8("system.posix_acl_default");
    private static final ByteString[] DOTS = {ErofsFormat.DOT, ErofsFormat.DOT_DOT};
    private static final int STUB_PERMISSIONS = 0644;

    /** An inode with several names: how many, and what it became. */
    private static final class Linked {
        long names = 1;

        @Nullable
        ImageInode inode;
    }

    /** A directory whose children have no inodes yet. */
    private record Pending(
            Directory directory,
            ImageInode inode,
            ByteString name,
            @Nullable Pending parent) {
        ByteString path(ByteString child) {
            ByteString path = child;
            for (Pending at = this; at != null; at = at.parent) {
                path = at.name.concat(ByteString.utf8("/")).concat(path);
            }
            return path;
        }
    }

    /** A directory entry that waits for the inode it names. */
    private record Unlinked(ImageInode.Data.Entries entries, int index, Leaf target) {}

    private final FormatVersion version;
    private final List<ImageInode> inodes = new ArrayList<>();
    private final Map<ImageXattr, ImageXattr> xattrs = new HashMap<>();
    private final IdentityHashMap<Leaf, Linked> linked = new IdentityHashMap<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final List<Unlinked> unlinked = new ArrayList<>();
    private Timestamp oldest;
    private boolean hasAcl;

    private ImageTree(Directory root, FormatVersion version) throws UnwritableTreeException {
        this.version = version;
        this.oldest = root.metadata().mtime();
        countNames(root);
        directory(root, ByteString.EMPTY, null);
        while (!pending.isEmpty()) {
            fill(pending.remove());
        }
        for (Unlinked entry : unlinked) {
            Linked target = linked.get(entry.target);
            if (target == null || target.inode == null) {
                throw new UnwritableTreeException(
                        "hard link " + quoted(entry.entries.name(entry.index)) + ": its inode is not in the tree");
            }
            entry.entries.setInode(entry.index, target.inode);
        }
        linked.clear();
    }

    static ImageTree of(Directory root, FormatVersion version) throws UnwritableTreeException {
        return new ImageTree(root, version);
    }

    /** All inodes in the image's order, the root first. */
    List<ImageInode> inodes() {
        return inodes;
    }

    /** The least time of change. */
    Timestamp oldest() {
        return oldest;
    }

    /** Whether an inode has an access control list. */
    boolean hasAcl() {
        return hasAcl;
    }

    /** The attributes that several inodes have, in the order of their table. */
    List<ImageXattr> sharedXattrs() {
        return xattrs.keySet().stream().filter(ImageXattr::isShared).sorted().toList();
    }

    private void countNames(Directory root) throws UnwritableTreeException {
        Set<Directory> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Directory> open = new ArrayDeque<>();
        open.push(root);
        seen.add(root);
        while (!open.isEmpty()) {
            for (Map.Entry<ByteString, Node> child : open.pop().children().entrySet()) {
                switch (child.getValue()) {
                    case Directory directory -> {
                        if (!seen.add(directory)) {
                            throw new UnwritableTreeException(
                                    "directory " + quoted(child.getKey()) + " stands at two places");
                        }
                        open.push(directory);
                    }
                    case HardLink link -> linked.computeIfAbsent(link.target(), target -> new Linked()).names++;
                    case Leaf leaf -> {}
                }
            }
        }
    }

    /** Gives a directory's children their inodes. */
    private void fill(Pending folder) throws UnwritableTreeException {
        if (!(folder.inode.data instanceof ImageInode.Data.Entries entries)) {
            throw new IllegalStateException("a directory without entries");
        }
        int at = 0;
        int dots = 0;
        for (Map.Entry<ByteString, Optional<Node>> child : children(folder).entrySet()) {
            ByteString name = child.getKey();
            while (dots < DOTS.length && DOTS[dots].compareTo(name) < 0) {
                addDots(folder, entries, at++, dots++);
            }
            entries.setName(at, name);
            if (child.getValue().isEmpty()) {
                entries.setInode(at++, stub(folder.directory.metadata()));
                continue;
            }
            switch (child.getValue().get()) {
                case Directory directory -> entries.setInode(at, directory(directory, name, folder).inode);
                case HardLink link -> unlinked.add(new Unlinked(entries, at, link.target()));
                case Leaf leaf -> entries.setInode(at, leaf(leaf, name, folder));
            }
            at++;
        }
        while (dots < DOTS.length) {
            addDots(folder, entries, at++, dots++);
        }
    }

    private static void addDots(Pending folder, ImageInode.Data.Entries entries, int at, int dots) {
        entries.setName(at, DOTS[dots]);
        Pending parent = folder.parent == null ? folder : folder.parent;
        entries.setInode(at, dots == 0 ? folder.inode : parent.inode);
    }

    /** The children by name, and in the root the stubs: names that are not there, as empty. */
    private static SortedMap<ByteString, Optional<Node>> children(Pending folder) {
        TreeMap<ByteString, Optional<Node>> children = new TreeMap<>();
        folder.directory.children().forEach((name, node) -> children.put(name, Optional.of(node)));
        if (folder.parent == null) {
            for (int i = 0; i < ErofsFormat.STUBS; i++) {
                children.putIfAbsent(stubName(i), Optional.empty());
            }
        }
        return children;
    }

    private static ByteString stubName(int number) {
        return ByteString.utf8(HexFormat.of().toHexDigits((byte) number));
    }

    private Pending directory(Directory directory, ByteString name, @Nullable Pending parent)
            throws UnwritableTreeException {
        SortedMap<ByteString, ByteString> attributes = escaped(directory.metadata(), name, parent);
        int count = DOTS.length + directory.children().size();
        int folders = 0;
        boolean whiteouts = false;
        for (Node child : directory.children().values()) {
            folders += child instanceof Directory ? 1 : 0;
            whiteouts |= child instanceof DeviceNode device && device.isWhiteout();
        }
        if (whiteouts) {
            OverlayXattrs.addParentOfWhiteout(attributes, version);
        }
        if (parent == null) {
            OverlayXattrs.addRoot(attributes);
            for (int i = 0; i < ErofsFormat.STUBS; i++) {
                count += directory.get(stubName(i)).isEmpty() ? 1 : 0;
            }
        }
        ImageInode inode = add(
                FileType.DIRECTORY,
                directory.metadata(),
                2L + folders,
                0,
                new ImageInode.Data.Entries(count),
                attributes);
        Pending created = new Pending(directory, inode, name, parent);
        pending.add(created);
        return created;
    }

    /** The empty device that keeps a name of the object store from showing through. */
    private ImageInode stub(Metadata root) {
        SortedMap<ByteString, ByteString> attributes = new TreeMap<>();
        ByteString label = root.xattrs().get(OverlayXattrs.SELINUX);
        if (label != null) {
            attributes.put(OverlayXattrs.SELINUX, label);
        }
        Metadata metadata = new Metadata(STUB_PERMISSIONS, root.uid(), root.gid(), root.mtime(), Map.of());
        return add(FileType.CHARACTER, metadata, 1, 0, new ImageInode.Data.Device(0), attributes);
    }

    private ImageInode leaf(Leaf leaf, ByteString name, Pending parent) throws UnwritableTreeException {
        SortedMap<ByteString, ByteString> attributes = escaped(leaf.metadata(), name, parent);
        Linked names = linked.get(leaf);
        Claims claims = leaf.claims();
        long links = claims.links().orElse(names == null ? 1 : names.names);
        Metadata metadata = leaf.metadata();
        ImageInode inode = switch (leaf) {
            case RegularFile file -> {
                if (file.content() instanceof FileContent.External external) {
                    OverlayXattrs.addContent(attributes, external);
                }
                long size = file.content().size();
                yield add(FileType.REGULAR, metadata, links, size, data(file.content()), attributes, file.content());
            }
            case Symlink symlink -> {
                long size = symlink.target().length();
                var target = new ImageInode.Data.Target(symlink.target());
                yield add(FileType.SYMLINK, metadata, links, size, target, attributes);
            }
            case DeviceNode device
            when device.isWhiteout() -> {
                OverlayXattrs.addWhiteout(attributes);
                yield add(FileType.REGULAR, metadata, links, 0, new ImageInode.Data.Nothing(), attributes);
            }
            case DeviceNode device -> {
                FileType type = switch (device.kind()) {
                    case CHARACTER -> FileType.CHARACTER;
                    case BLOCK -> FileType.BLOCK;
                };
                var number = new ImageInode.Data.Device(device.rdev());
                yield add(type, metadata, links, claims.size(), number, attributes);
            }
            case Fifo fifo -> special(FileType.FIFO, fifo, links, attributes);
            case Socket socket -> special(FileType.SOCKET, socket, links, attributes);
        };
        if (names != null) {
            if (names.inode != null) {
                throw new UnwritableTreeException(
                        "inode " + quoted(parent.path(name)) + " stands at two places, not by a hard link");
            }
            names.inode = inode;
        }
        return inode;
    }

    private ImageInode special(FileType type, Leaf leaf, long links, SortedMap<ByteString, ByteString> attributes) {
        return add(type, leaf.metadata(), links, leaf.claims().size(), new ImageInode.Data.Nothing(), attributes);
    }

    private static ImageInode.Data data(FileContent content) {
        return switch (content) {
            case FileContent.Empty empty -> new ImageInode.Data.Nothing();
            case FileContent.Inline inline -> new ImageInode.Data.Inline(inline.bytes());
            case FileContent.External external -> new ImageInode.Data.Chunks(external.size());
        };
    }

    private ImageInode add(
            FileType type,
            Metadata metadata,
            long links,
            long statedSize,
            ImageInode.Data data,
            SortedMap<ByteString, ByteString> attributes) {
        return add(type, metadata, links, statedSize, data, attributes, null);
    }

    private ImageInode add(
            FileType type,
            Metadata metadata,
            long links,
            long statedSize,
            ImageInode.Data data,
            SortedMap<ByteString, ByteString> attributes,
            @Nullable FileContent content) {
        List<ImageXattr> own = new ArrayList<>(attributes.size());
        for (Map.Entry<ByteString, ByteString> attribute : attributes.entrySet()) {
            ByteString name = attribute.getKey();
            boolean ofContent = name.equals(OverlayXattrs.METACOPY) || name.equals(OverlayXattrs.REDIRECT);
            // The tree's own attributes of these names have been renamed, so these are the content's.
            ImageXattr xattr = ofContent && content instanceof FileContent.External external
                    ? new ImageXattr(name, external)
                    : new ImageXattr(name, attribute.getValue());
            xattr = xattrs.computeIfAbsent(xattr, same -> same);
            xattr.countUse();
            own.add(xattr);
        }
        hasAcl |= attributes.containsKey(ACL_ACCESS) || attributes.containsKey(ACL_DEFAULT);
        if (metadata.mtime().compareTo(oldest) < 0) {
            oldest = metadata.mtime();
        }
        ImageInode inode = new ImageInode(type, metadata, links, statedSize, data, own.isEmpty() ? List.of() : own);
        inodes.add(inode);
        return inode;
    }

    private static SortedMap<ByteString, ByteString> escaped(
            Metadata metadata, ByteString name, @Nullable Pending parent) throws UnwritableTreeException {
        long size = XattrLimits.HEADER;
        for (Map.Entry<ByteString, ByteString> xattr : metadata.xattrs().entrySet()) {
            ByteString key = xattr.getKey();
            size += XattrLimits.entry(key, xattr.getValue());
            if (key.isEmpty() || key.length() > XattrLimits.MAX_NAME || key.indexOf(0) >= 0) {
                throw new UnwritableTreeException(where(name, parent) + ": xattr name of " + key.length()
                        + " bytes, expected 1 to " + XattrLimits.MAX_NAME + " without NUL");
            }
        }
        if (size > XattrLimits.MAX_TOTAL && !metadata.xattrs().isEmpty()) {
            throw new UnwritableTreeException(
                    where(name, parent) + ": xattrs of " + size + " bytes, limit " + XattrLimits.MAX_TOTAL);
        }
        return OverlayXattrs.escape(metadata.xattrs());
    }

    private static String where(ByteString name, @Nullable Pending parent) {
        return quoted(parent == null ? ByteString.utf8("/") : parent.path(name));
    }

    private static String quoted(ByteString path) {
        return Quoted.text(path.toString());
    }
}
