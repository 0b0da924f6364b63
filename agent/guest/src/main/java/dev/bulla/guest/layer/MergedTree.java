package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tree to which layers are applied, one after the other. While it grows, all names of an inode hold the inode itself. */
final class MergedTree {
    private static final int IMPLIED_PERMISSIONS = 0755;

    /** Linux gives every symbolic link these and cannot change them, whatever an archive says. */
    private static final int SYMLINK_PERMISSIONS = 0777;

    private final LayerLimits limits;
    private final XattrSelection xattrs;
    private final Directory root = new Directory(Metadata.ofRoot(IMPLIED_PERMISSIONS));
    private final Set<Leaf> linked = Collections.newSetFromMap(new IdentityHashMap<>());

    MergedTree(LayerLimits limits, XattrSelection xattrs) {
        this.limits = limits;
        this.xattrs = xattrs;
    }

    /**
     * Applies a layer: first what it removes, then what it adds.
     *
     * @param first whether the layer has not been applied before: its inodes are then new ones as they are
     */
    void apply(LayerTree layer, boolean first) throws LayerException {
        removeWhatLayerHides(layer);
        for (LayerEntry entry : layer.entries()) {
            switch (entry) {
                case LayerEntry.OfDirectory directory -> putDirectory(directory);
                case LayerEntry.OfLeaf leaf -> putLeaf(leaf.path(), faithful(leaf.leaf(), first));
                case LayerEntry.OfLink link -> putLink(link);
                case LayerEntry.Whiteout _, LayerEntry.Opaque _ -> {}
            }
        }
    }

    /** The finished tree, with each inode standing once. */
    Directory finish() {
        Set<Leaf> placed = Collections.newSetFromMap(new IdentityHashMap<>());
        placeOnce(root, placed);
        return root;
    }

    private void placeOnce(Directory directory, Set<Leaf> placed) {
        for (Map.Entry<ByteString, Node> child :
                new ArrayList<>(directory.children().entrySet())) {
            switch (child.getValue()) {
                case Directory below -> placeOnce(below, placed);
                case Leaf leaf -> {
                    if (linked.contains(leaf) && !placed.add(leaf)) {
                        directory.put(child.getKey(), new HardLink(leaf));
                    }
                }
                case HardLink _ -> throw new IllegalStateException("a hard link before the tree is finished");
            }
        }
    }

    private void removeWhatLayerHides(LayerTree layer) throws LayerException {
        List<LayerEntry> hiding = layer.entries().stream()
                .filter(entry -> entry instanceof LayerEntry.Whiteout || entry instanceof LayerEntry.Opaque)
                .toList();
        if (hiding.isEmpty()) {
            return;
        }
        // Where the layer itself makes a directory of what is a link below it, that link is not followed.
        Set<ByteString> own = new HashSet<>();
        for (LayerEntry entry : layer.entries()) {
            if (entry instanceof LayerEntry.OfDirectory directory) {
                own.add(directory.path());
            }
        }
        TreePaths paths = new TreePaths(root, own);
        for (LayerEntry entry : hiding) {
            switch (entry) {
                case LayerEntry.Whiteout whiteout ->
                    paths.find(EntryPath.parent(whiteout.path()), whiteout.path())
                            .ifPresent(parent -> parent.remove(EntryPath.base(whiteout.path())));
                case LayerEntry.Opaque opaque ->
                    paths.find(opaque.path(), opaque.path()).ifPresent(Directory::clear);
                case LayerEntry.OfDirectory _, LayerEntry.OfLeaf _, LayerEntry.OfLink _ -> {}
            }
        }
    }

    private void putDirectory(LayerEntry.OfDirectory entry) throws LayerException {
        if (entry.path().isEmpty()) {
            root.setMetadata(faithful(entry.metadata()));
            return;
        }
        Directory parent = parent(entry.path());
        ByteString name = EntryPath.base(entry.path());
        if (parent.get(name).orElse(null) instanceof Directory there) {
            there.setMetadata(faithful(entry.metadata()));
        } else {
            parent.put(name, new Directory(faithful(entry.metadata())));
        }
    }

    private void putLeaf(ByteString path, Leaf leaf) throws LayerException {
        parent(path).put(EntryPath.base(path), leaf);
    }

    private void putLink(LayerEntry.OfLink link) throws LayerException {
        ByteString target = link.target();
        if (target.isEmpty()) {
            throw new EntryRefusedException(link.path(), "hard link to the root, expected one to a file");
        }
        Optional<Directory> targetParent = new TreePaths(root, Set.of()).find(EntryPath.parent(target), link.path());
        Optional<Node> node = targetParent.flatMap(parent -> parent.get(EntryPath.base(target)));
        if (node.isEmpty()) {
            throw new EntryRefusedException(
                    link.path(),
                    "hard link to " + Quoted.text(target.toString())
                            + ", which is neither in the layer before it nor below it");
        }
        switch (node.orElseThrow()) {
            case Leaf leaf -> {
                Directory parent = parent(link.path());
                ByteString name = EntryPath.base(link.path());
                if (parent == targetParent.orElseThrow() && name.equals(EntryPath.base(target))) {
                    throw new EntryRefusedException(link.path(), "hard link to itself");
                }
                linked.add(leaf);
                parent.put(name, leaf);
            }
            case Directory _ ->
                throw new EntryRefusedException(
                        link.path(),
                        "hard link to " + Quoted.text(target.toString()) + ", a directory, expected a file");
            case HardLink _ -> throw new IllegalStateException("a hard link before the tree is finished");
        }
    }

    private Directory parent(ByteString path) throws LayerException {
        return new TreePaths(root, Set.of()).findOrCreate(EntryPath.parent(path), path, limits);
    }

    /** A layer's inode as it stands in this tree, which is the very same where nothing about it changes. */
    private Leaf faithful(Leaf leaf, boolean first) {
        Metadata metadata = faithful(leaf.metadata());
        if (leaf instanceof Symlink && metadata.permissions() != SYMLINK_PERMISSIONS) {
            metadata = new Metadata(
                    SYMLINK_PERMISSIONS, metadata.uid(), metadata.gid(), metadata.mtime(), metadata.xattrs());
        }
        return first && metadata.equals(leaf.metadata()) ? leaf : copy(leaf, metadata);
    }

    private Metadata faithful(Metadata metadata) {
        Map<ByteString, ByteString> all = metadata.xattrs();
        Map<ByteString, ByteString> kept = xattrs.of(KeptXattrs.areFaithful(all) ? all : KeptXattrs.faithful(all));
        return kept.size() == all.size() ? metadata : metadata.withXattrs(kept);
    }

    /** Another inode that has the same but for its metadata. */
    static Leaf copy(Leaf leaf, Metadata metadata) {
        return switch (leaf) {
            case RegularFile file -> new RegularFile(metadata, file.content(), file.claims());
            case Symlink link -> new Symlink(metadata, link.target(), link.claims());
            case DeviceNode device -> new DeviceNode(metadata, device.kind(), device.rdev(), device.claims());
            case Fifo fifo -> new Fifo(metadata, fifo.claims());
            case Socket socket -> new Socket(metadata, socket.claims());
        };
    }
}
