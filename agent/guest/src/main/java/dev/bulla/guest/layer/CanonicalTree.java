package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.oci.Quoted;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tree that composefs-rs makes of an image's layers: what its seals name. The rules are those of its release 0.9.0
 * (composefs-oci's {@code create_filesystem}, composefs's {@code transform_for_oci}); {@code docs/mapping.md} states them
 * one by one, with a test vector each.
 *
 * <ul>
 *   <li>A whiteout takes effect where it stands in the archive, so it removes what the same layer put there before it.
 *   <li>No link is followed and no parent implied: an entry whose parent is no directory has no tree, and neither has the
 *       image.
 *   <li>The root has the metadata of {@code /usr}, which must be a directory; {@code /run}, where there is one, must be a
 *       directory too, is emptied and has {@code /usr}'s time.
 *   <li>Of extended attributes and of times a {@link CanonicalMapping} keeps a part. A symbolic link has the permissions that
 *       the archive states.
 * </ul>
 *
 * <p>What composefs-rs does to make an image bootable is not done here.
 */
public final class CanonicalTree {
    static final ByteString RUN = ByteString.utf8("run");
    private static final ByteString USR = ByteString.utf8("usr");

    /** While it stands here, all names of an inode hold the inode itself. */
    private final Directory root = new Directory(Metadata.ofRoot(0));

    private final Set<Leaf> linked = Collections.newSetFromMap(new IdentityHashMap<>());

    private CanonicalTree() {}

    /**
     * Applies layers, from the lowest up.
     *
     * @throws CanonicalMappingException when composefs-rs would refuse them
     */
    public static CanonicalTree of(List<LayerTree> layers) throws CanonicalMappingException {
        CanonicalTree tree = new CanonicalTree();
        Set<LayerTree> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (LayerTree layer : layers) {
            tree.apply(layer, seen.add(layer));
        }
        tree.requireDirectory(USR, true);
        tree.requireDirectory(RUN, false);
        return tree;
    }

    /** The root tree by one of the mappings: a tree of its own, but for contents. */
    public Directory root(CanonicalMapping mapping) {
        if (!(root.get(USR).orElse(null) instanceof Directory usr)) {
            throw new IllegalStateException("a tree without /usr");
        }
        Directory copy = new Copy(mapping).of(root);
        copy.setMetadata(mapping.of(usr.metadata()));
        if (copy.get(RUN).orElse(null) instanceof Directory run) {
            Metadata own = run.metadata();
            run.setMetadata(new Metadata(
                    own.permissions(), own.uid(), own.gid(), copy.metadata().mtime(), own.xattrs()));
        }
        return copy;
    }

    private void requireDirectory(ByteString name, boolean mustExist) throws CanonicalMappingException {
        Node node = root.get(name).orElse(null);
        if (node == null ? mustExist : !(node instanceof Directory)) {
            throw new CanonicalMappingException(
                    "/" + name + " is " + (node == null ? "missing" : "no directory") + ", expected a directory");
        }
    }

    private void apply(LayerTree layer, boolean first) throws CanonicalMappingException {
        for (LayerEntry entry : layer.entries()) {
            switch (entry) {
                case LayerEntry.OfDirectory directory -> putDirectory(directory);
                case LayerEntry.OfLeaf leaf ->
                    parent(leaf.path())
                            .put(
                                    EntryPath.base(leaf.path()),
                                    first
                                            ? leaf.leaf()
                                            : MergedTree.copy(
                                                    leaf.leaf(), leaf.leaf().metadata()));
                case LayerEntry.OfLink link -> putLink(link);
                case LayerEntry.Whiteout whiteout -> parent(whiteout.path()).remove(EntryPath.base(whiteout.path()));
                case LayerEntry.Opaque opaque ->
                    directory(opaque.path(), opaque.path()).clear();
            }
        }
    }

    private void putDirectory(LayerEntry.OfDirectory entry) throws CanonicalMappingException {
        if (entry.path().isEmpty()) {
            return; // it will have /usr's metadata
        }
        Directory parent = parent(entry.path());
        ByteString name = EntryPath.base(entry.path());
        if (parent.get(name).orElse(null) instanceof Directory there) {
            there.setMetadata(entry.metadata());
        } else {
            parent.put(name, new Directory(entry.metadata()));
        }
    }

    private void putLink(LayerEntry.OfLink link) throws CanonicalMappingException {
        Directory folder = directory(EntryPath.parent(link.target()), link.path());
        if (link.target().isEmpty()
                || !(folder.get(EntryPath.base(link.target())).orElse(null) instanceof Leaf leaf)) {
            throw refused(
                    link.path(), "hard link to " + Quoted.text(link.target().toString()) + ", where no file is");
        }
        Directory parent = parent(link.path());
        linked.add(leaf);
        parent.put(EntryPath.base(link.path()), leaf);
    }

    private Directory parent(ByteString path) throws CanonicalMappingException {
        return directory(EntryPath.parent(path), path);
    }

    private Directory directory(ByteString path, ByteString entry) throws CanonicalMappingException {
        Directory at = root;
        for (ByteString name : EntryPath.components(path)) {
            Node next = at.get(name).orElse(null);
            if (!(next instanceof Directory below)) {
                throw refused(
                        entry,
                        "on its way " + Quoted.text(name.toString()) + " is "
                                + (next == null ? "missing" : "no directory") + ", and links are not followed");
            }
            at = below;
        }
        return at;
    }

    private static CanonicalMappingException refused(ByteString entry, String problem) {
        return new CanonicalMappingException("layer entry " + Quoted.text(entry.toString()) + ": " + problem);
    }

    /** Makes the tree of a mapping, where each inode stands once, under the first of its names. */
    private final class Copy {
        private final CanonicalMapping mapping;
        private final IdentityHashMap<Leaf, Leaf> placed = new IdentityHashMap<>();

        Copy(CanonicalMapping mapping) {
            this.mapping = mapping;
        }

        Directory of(Directory directory) {
            Directory copy = new Directory(mapping.of(directory.metadata()));
            for (Map.Entry<ByteString, Node> child : directory.children().entrySet()) {
                Node node = child.getValue();
                boolean emptied = directory == root && child.getKey().equals(RUN);
                copy.put(
                        child.getKey(),
                        switch (node) {
                            case Directory below -> emptied ? new Directory(mapping.of(below.metadata())) : of(below);
                            case Leaf leaf -> leaf(leaf);
                            case HardLink _ ->
                                throw new IllegalStateException("a hard link before the tree is finished");
                        });
            }
            return copy;
        }

        private Node leaf(Leaf leaf) {
            if (!linked.contains(leaf)) {
                return kept(leaf);
            }
            Leaf there = placed.get(leaf);
            if (there != null) {
                return new HardLink(there);
            }
            Leaf copy = kept(leaf);
            placed.put(leaf, copy);
            return copy;
        }

        /** Most inodes are what they are in the layer, which spares memory. */
        private Leaf kept(Leaf leaf) {
            Metadata metadata = mapping.of(leaf.metadata());
            return metadata.equals(leaf.metadata()) ? leaf : MergedTree.copy(leaf, metadata);
        }
    }
}
