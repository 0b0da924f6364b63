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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tree made into the inodes of an image: overlayfs's attributes added, the tree's own escaped, and all in the image's
 * order, which is by name and breadth first, or in V2 depth first.
 */
final class ImageTree {
    private static final ByteString[] DOTS = {ErofsFormat.DOT, ErofsFormat.DOT_DOT};

    /** An inode with several names: how many, what it became, and whether the place that is its own has been seen. */
    private static final class Linked {
        long names = 1;
        boolean stands;

        @Nullable
        ImageInode inode;
    }

    /** A directory whose children have not all got their inodes, and how far it is. */
    private static final class Pending {
        final Directory directory;
        final ImageInode inode;
        final ByteString name;
        final @Nullable Pending parent;
        final ImageInode.Data.Entries entries;

        private @Nullable Iterator<Map.Entry<ByteString, Node>> children;
        private int at;
        private int dots;

        Pending(
                Directory directory,
                ImageInode inode,
                ByteString name,
                @Nullable Pending parent,
                ImageInode.Data.Entries entries) {
            this.directory = directory;
            this.inode = inode;
            this.name = name;
            this.parent = parent;
            this.entries = entries;
        }

        ByteString path(ByteString child) {
            ByteString path = child;
            for (Pending folder = this; folder != null; folder = folder.parent) {
                path = folder.name.concat(ByteString.utf8("/")).concat(path);
            }
            return path;
        }

        /** Takes a name's place, after the dots that come before it. */
        int place(ByteString entry) {
            while (dots < DOTS.length && DOTS[dots].compareTo(entry) < 0) {
                addDots();
            }
            entries.setName(at, entry);
            return at++;
        }

        void addRemainingDots() {
            while (dots < DOTS.length) {
                addDots();
            }
        }

        private void addDots() {
            entries.setName(at, DOTS[dots]);
            Pending above = parent == null ? this : parent;
            entries.setInode(at++, dots++ == 0 ? inode : above.inode);
        }
    }

    /** A directory entry that waits for the inode it names. */
    private record Unlinked(ImageInode.Data.Entries entries, int index, Leaf target) {}

    private final FormatVersion version;
    private final ImageAttributes attributes;
    private final List<ImageInode> inodes = new ArrayList<>();
    private final IdentityHashMap<Leaf, Linked> linked = new IdentityHashMap<>();
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final List<Unlinked> unlinked = new ArrayList<>();
    private Timestamp oldest;

    private ImageTree(Directory root, FormatVersion version) throws UnwritableTreeException {
        this.version = version;
        this.attributes = new ImageAttributes(version);
        this.oldest = root.metadata().mtime();
        countNames(root);
        pending.add(directory(root, ByteString.EMPTY, null));
        Pending folder = pending.peekFirst();
        while (folder != null) {
            step(folder);
            folder = pending.peekFirst();
        }
        for (Unlinked entry : unlinked) {
            Linked target = linked.get(entry.target);
            if (target != null && target.inode != null) {
                entry.entries.setInode(entry.index, target.inode);
            }
        }
        linked.clear();
        attributes.finish(inodes);
    }

    static ImageTree of(Directory root, FormatVersion version) throws UnwritableTreeException {
        return new ImageTree(root, version);
    }

    FormatVersion version() {
        return version;
    }

    /** All inodes in the image's order, the root first. */
    List<ImageInode> inodes() {
        return inodes;
    }

    /** The attributes of the inodes. */
    ImageAttributes attributes() {
        return attributes;
    }

    /** The least time of change. */
    Timestamp oldest() {
        return oldest;
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
                                    "directory " + ImageAttributes.quoted(child.getKey()) + " stands at two places");
                        }
                        open.push(directory);
                    }
                    case HardLink link -> linked.computeIfAbsent(link.target(), target -> new Linked()).names++;
                    case Leaf leaf -> {}
                }
            }
        }
        if (!linked.isEmpty()) {
            requireStanding(root);
        }
    }

    /** Every inode that is linked to stands in the tree, once. */
    private void requireStanding(Directory root) throws UnwritableTreeException {
        Deque<Directory> open = new ArrayDeque<>();
        open.push(root);
        List<Map.Entry<ByteString, HardLink>> links = new ArrayList<>();
        while (!open.isEmpty()) {
            for (Map.Entry<ByteString, Node> child : open.pop().children().entrySet()) {
                switch (child.getValue()) {
                    case Directory directory -> open.push(directory);
                    case HardLink link -> links.add(Map.entry(child.getKey(), link));
                    case Leaf leaf -> {
                        Linked names = linked.get(leaf);
                        if (names != null && names.stands) {
                            throw new UnwritableTreeException("inode " + ImageAttributes.quoted(child.getKey())
                                    + " stands at two places, not by a hard link");
                        }
                        if (names != null) {
                            names.stands = true;
                        }
                    }
                }
            }
        }
        for (Map.Entry<ByteString, HardLink> link : links) {
            Linked names = linked.get(link.getValue().target());
            if (names == null || !names.stands) {
                throw new UnwritableTreeException(
                        "hard link " + ImageAttributes.quoted(link.getKey()) + ": its inode is not in the tree");
            }
        }
    }

    /** Gives a directory's children their inodes; in a tree of depth first order up to the next directory. */
    private void step(Pending folder) throws UnwritableTreeException {
        if (folder.parent == null && !version.isDepthFirst()) {
            stepWithStubs(folder);
            return;
        }
        if (folder.children == null) {
            folder.children = folder.directory.children().entrySet().iterator();
        }
        Iterator<Map.Entry<ByteString, Node>> children = folder.children;
        while (children.hasNext()) {
            Map.Entry<ByteString, Node> child = children.next();
            if (add(folder, child.getKey(), child.getValue()) && version.isDepthFirst()) {
                return;
            }
        }
        folder.addRemainingDots();
        pending.remove();
    }

    /** The root's children, and the names that it has not and that an object store's folders have. */
    private void stepWithStubs(Pending root) throws UnwritableTreeException {
        TreeMap<ByteString, Optional<Node>> children = new TreeMap<>();
        root.directory.children().forEach((name, node) -> children.put(name, Optional.of(node)));
        for (int i = 0; i < ErofsFormat.STUBS; i++) {
            children.putIfAbsent(ImageAttributes.stubName(i), Optional.empty());
        }
        for (Map.Entry<ByteString, Optional<Node>> child : children.entrySet()) {
            if (child.getValue().isPresent()) {
                add(root, child.getKey(), child.getValue().get());
            } else {
                int at = root.place(child.getKey());
                root.entries.setInode(at, stub(root.directory.metadata()));
            }
        }
        root.addRemainingDots();
        pending.remove();
    }

    /** Adds a child, and says whether it is a directory. */
    private boolean add(Pending folder, ByteString name, Node node) throws UnwritableTreeException {
        int at = folder.place(name);
        switch (node) {
            case Directory directory -> {
                Pending created = directory(directory, name, folder);
                folder.entries.setInode(at, created.inode);
                if (version.isDepthFirst()) {
                    pending.addFirst(created);
                } else {
                    pending.addLast(created);
                }
                return true;
            }
            case HardLink link -> {
                // In V2 the first name is the inode's place, whichever the tree calls its own.
                if (version.isDepthFirst()) {
                    folder.entries.setInode(at, linkedLeaf(link.target(), name, folder));
                } else {
                    unlinked.add(new Unlinked(folder.entries, at, link.target()));
                }
            }
            case Leaf leaf -> folder.entries.setInode(at, linkedLeaf(leaf, name, folder));
        }
        return false;
    }

    private ImageInode linkedLeaf(Leaf leaf, ByteString name, Pending parent) throws UnwritableTreeException {
        Linked names = linked.isEmpty() ? null : linked.get(leaf);
        if (names == null) {
            return leaf(leaf, name, parent, 1);
        }
        ImageInode inode = names.inode;
        if (inode == null) {
            inode = leaf(leaf, name, parent, names.names);
            names.inode = inode;
        }
        return inode;
    }

    private Pending directory(Directory directory, ByteString name, @Nullable Pending parent)
            throws UnwritableTreeException {
        int count = DOTS.length + directory.children().size();
        int folders = 0;
        boolean whiteouts = false;
        for (Node child : directory.children().values()) {
            folders += child instanceof Directory ? 1 : 0;
            whiteouts |= child instanceof DeviceNode device && device.isWhiteout();
        }
        if (parent == null && !version.isDepthFirst()) {
            for (int i = 0; i < ErofsFormat.STUBS; i++) {
                count += directory.get(ImageAttributes.stubName(i)).isEmpty() ? 1 : 0;
            }
        }
        Metadata metadata = directory.metadata();
        ImageXattr[] own;
        if (version.isDepthFirst()) {
            own = attributes.of(metadata, () -> where(name, parent));
        } else {
            SortedMap<ByteString, ByteString> escaped = attributes.escaped(metadata, () -> where(name, parent));
            if (whiteouts) {
                OverlayXattrs.addParentOfWhiteout(escaped, version);
            }
            if (parent == null) {
                OverlayXattrs.addRoot(escaped);
            }
            own = attributes.of(escaped);
        }
        var entries = new ImageInode.Data.Entries(count);
        ImageInode inode = add(FileType.DIRECTORY, metadata, 2L + folders, 0, entries, own);
        return new Pending(directory, inode, name, parent, entries);
    }

    /** The empty device that keeps a name of the object store from showing through. */
    private ImageInode stub(Metadata root) {
        Metadata metadata =
                new Metadata(ImageAttributes.STUB_PERMISSIONS, root.uid(), root.gid(), root.mtime(), Map.of());
        return add(FileType.CHARACTER, metadata, 1, 0, new ImageInode.Data.Device(0), attributes.ofStub(root));
    }

    private ImageInode leaf(Leaf leaf, ByteString name, Pending parent, long names) throws UnwritableTreeException {
        Metadata metadata = leaf.metadata();
        Claims claims = leaf.claims();
        // V2 is made of trees that know no claims.
        long links = version.isDepthFirst() ? names : claims.links().orElse(names);
        if (leaf instanceof DeviceNode device && device.isWhiteout() && !version.isDepthFirst()) {
            SortedMap<ByteString, ByteString> escaped = attributes.escaped(metadata, () -> where(name, parent));
            OverlayXattrs.addWhiteout(escaped);
            return add(FileType.REGULAR, metadata, links, 0, new ImageInode.Data.Nothing(), attributes.of(escaped));
        }
        ImageXattr[] own = attributes.of(metadata, () -> where(name, parent));
        return switch (leaf) {
            case RegularFile file -> {
                FileContent content = file.content();
                yield add(FileType.REGULAR, metadata, links, content.size(), data(content, name, parent), own);
            }
            case Symlink symlink -> {
                ByteString target = symlink.target();
                if (version.isDepthFirst() && target.length() > ErofsFormat.MAX_V2_TARGET) {
                    throw new UnwritableTreeException(where(name, parent) + ": symlink target of " + target.length()
                            + " bytes, limit of V2 " + ErofsFormat.MAX_V2_TARGET);
                }
                yield add(FileType.SYMLINK, metadata, links, target.length(), new ImageInode.Data.Target(target), own);
            }
            case DeviceNode device -> {
                if (device.isWhiteout() && names > 1) {
                    throw new UnwritableTreeException(
                            where(name, parent) + ": a whiteout with " + names + " names, which V2 has not");
                }
                FileType type = switch (device.kind()) {
                    case CHARACTER -> FileType.CHARACTER;
                    case BLOCK -> FileType.BLOCK;
                };
                yield add(type, metadata, links, claims.size(), new ImageInode.Data.Device(device.rdev()), own);
            }
            case Fifo fifo -> add(FileType.FIFO, metadata, links, claims.size(), new ImageInode.Data.Nothing(), own);
            case Socket socket ->
                add(FileType.SOCKET, metadata, links, claims.size(), new ImageInode.Data.Nothing(), own);
        };
    }

    private ImageInode.Data data(FileContent content, ByteString name, Pending parent) throws UnwritableTreeException {
        return switch (content) {
            case FileContent.Empty empty -> new ImageInode.Data.Nothing();
            case FileContent.Inline inline -> {
                if (version.isDepthFirst() && inline.size() > ErofsFormat.MAX_V2_INLINE) {
                    throw new UnwritableTreeException(where(name, parent) + ": inline content of " + inline.size()
                            + " bytes, limit of V2 " + ErofsFormat.MAX_V2_INLINE);
                }
                yield new ImageInode.Data.Inline(inline.bytes());
            }
            case FileContent.External external -> {
                attributes.addContent(external);
                yield new ImageInode.Data.Chunks(external);
            }
        };
    }

    private ImageInode add(
            FileType type, Metadata metadata, long links, long statedSize, ImageInode.Data data, ImageXattr[] own) {
        if (metadata.mtime().compareTo(oldest) < 0) {
            oldest = metadata.mtime();
        }
        ImageInode inode = new ImageInode(type, metadata, links, statedSize, data, own);
        inodes.add(inode);
        return inode;
    }

    private static String where(ByteString name, @Nullable Pending parent) {
        return ImageAttributes.quoted(parent == null ? ByteString.utf8("/") : parent.path(name));
    }
}
