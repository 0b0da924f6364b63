package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A layer's own tree, of which its per-layer image is made: what overlayfs stacks over the trees of the layers below it. The
 * sealing specification names such images and says of their tree only that it is generated from the layer's archive; the rest
 * is ours, and {@code docs/mapping.md} states it.
 *
 * <ul>
 *   <li>Entries are applied in the archive's order. Root and parents that no entry names are 0755 0:0, time 0.
 *   <li>A whiteout is a character device 0:0 of mode 0, 0:0, time 0, in place of what the layer had there before it.
 *   <li>An opaque whiteout empties its directory and gives it {@code trusted.overlay.opaque=y}; so is a directory marked that
 *       follows a whiteout of its name.
 *   <li>Of metadata a {@link CanonicalMapping} keeps a part.
 * </ul>
 */
public final class LayerImageTree {
    private static final int IMPLIED_PERMISSIONS = 0755;
    private static final ByteString OPAQUE = ByteString.utf8("trusted.overlay.opaque");
    private static final ByteString YES = ByteString.utf8("y");

    private final CanonicalMapping mapping;
    private final LayerLimits limits;
    private final Directory root = new Directory(Metadata.ofRoot(IMPLIED_PERMISSIONS));
    private final Set<Directory> opaque = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Leaf> linked = Collections.newSetFromMap(new IdentityHashMap<>());

    private LayerImageTree(CanonicalMapping mapping, LayerLimits limits) {
        this.mapping = mapping;
        this.limits = limits;
    }

    /**
     * The tree of one layer.
     *
     * @throws CanonicalMappingException when the layer has no tree of its own: it links to a file of a layer below it, or goes
     *     through a symbolic link
     */
    public static Directory of(LayerTree layer, CanonicalMapping mapping, LayerLimits limits) throws LayerException {
        LayerImageTree tree = new LayerImageTree(mapping, limits);
        for (LayerEntry entry : layer.entries()) {
            tree.apply(entry);
        }
        tree.finish(tree.root, Collections.newSetFromMap(new IdentityHashMap<>()));
        return tree.root;
    }

    private void apply(LayerEntry entry) throws LayerException {
        switch (entry) {
            case LayerEntry.OfDirectory directory -> putDirectory(directory);
            case LayerEntry.OfLeaf leaf -> {
                Leaf own = MergedTree.copy(leaf.leaf(), mapping.of(leaf.leaf().metadata()));
                parent(leaf.path()).put(EntryPath.base(leaf.path()), own);
            }
            case LayerEntry.OfLink link -> putLink(link);
            case LayerEntry.Whiteout whiteout ->
                parent(whiteout.path())
                        .put(
                                EntryPath.base(whiteout.path()),
                                new DeviceNode(Metadata.ofRoot(0), DeviceNode.Kind.CHARACTER, 0));
            case LayerEntry.Opaque all -> {
                Directory directory = directory(all.path(), all.path());
                directory.clear();
                opaque.add(directory);
            }
        }
    }

    private void putDirectory(LayerEntry.OfDirectory entry) throws LayerException {
        Metadata metadata = mapping.of(entry.metadata());
        if (entry.path().isEmpty()) {
            root.setMetadata(metadata);
            return;
        }
        Directory parent = parent(entry.path());
        ByteString name = EntryPath.base(entry.path());
        Node there = parent.get(name).orElse(null);
        if (there instanceof Directory directory) {
            directory.setMetadata(metadata);
            return;
        }
        Directory added = new Directory(metadata);
        parent.put(name, added);
        if (there instanceof DeviceNode device && device.isWhiteout()) {
            opaque.add(added);
        }
    }

    private void putLink(LayerEntry.OfLink link) throws LayerException {
        Node target = null;
        Directory at = root;
        for (ByteString name : EntryPath.components(link.target())) {
            target = at == null ? null : at.get(name).orElse(null);
            at = target instanceof Directory below ? below : null;
        }
        if (!(target instanceof Leaf leaf) || (leaf instanceof DeviceNode device && device.isWhiteout())) {
            throw new CanonicalMappingException(
                    "layer entry " + Quoted.text(link.path().toString()) + ": hard link to "
                            + Quoted.text(link.target().toString())
                            + ", which is no file of this layer: it has no image alone");
        }
        linked.add(leaf);
        parent(link.path()).put(EntryPath.base(link.path()), leaf);
    }

    private Directory parent(ByteString path) throws LayerException {
        return directory(EntryPath.parent(path), path);
    }

    private Directory directory(ByteString path, ByteString entry) throws LayerException {
        limits.checkEntry(LayerLimit.DEPTH, EntryPath.components(path).size(), entry);
        Directory at = root;
        for (ByteString name : EntryPath.components(path)) {
            Node next = at.get(name).orElse(null);
            switch (next) {
                case Directory below -> at = below;
                case null -> {
                    Directory implied = new Directory(Metadata.ofRoot(IMPLIED_PERMISSIONS));
                    at.put(name, implied);
                    at = implied;
                }
                case DeviceNode device
                when device.isWhiteout() -> {
                    Directory implied = new Directory(Metadata.ofRoot(IMPLIED_PERMISSIONS));
                    at.put(name, implied);
                    opaque.add(implied);
                    at = implied;
                }
                default ->
                    throw new CanonicalMappingException("layer entry " + Quoted.text(entry.toString()) + ": on its way "
                            + Quoted.text(name.toString()) + " is no directory of this layer");
            }
        }
        return at;
    }

    private void finish(Directory directory, Set<Leaf> placed) {
        if (opaque.contains(directory)) {
            Map<ByteString, ByteString> xattrs =
                    new LinkedHashMap<>(directory.metadata().xattrs());
            xattrs.put(OPAQUE, YES);
            directory.setMetadata(directory.metadata().withXattrs(xattrs));
        }
        for (Map.Entry<ByteString, Node> child :
                new ArrayList<>(directory.children().entrySet())) {
            switch (child.getValue()) {
                case Directory below -> finish(below, placed);
                case Leaf leaf -> {
                    if (linked.contains(leaf) && !placed.add(leaf)) {
                        directory.put(child.getKey(), new HardLink(leaf));
                    }
                }
                case HardLink _ -> throw new IllegalStateException("a hard link before the tree is finished");
            }
        }
    }
}
