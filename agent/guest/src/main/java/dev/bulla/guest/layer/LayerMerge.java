package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.Directory;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Makes one root tree of an image's layers, by the mapping {@code faithful}: what the layers say is what stands.
 *
 * <ul>
 *   <li>A layer's whiteouts come first, wherever they stand in it, and remove only what layers below it made. A whiteout of
 *       what is not there is none.
 *   <li>Then its entries, in order. A later one of the same path replaces the earlier; a directory over a directory takes
 *       the later metadata and keeps the children; anything else over a directory takes it away with what it held.
 *   <li>The root has the metadata that the last layer gives it, else 0755 0:0, time 0, no attributes; so has a parent that no
 *       entry names.
 *   <li>Hard links are names of one inode, wherever in this layer or below it the target stands. The inode stays while it has
 *       a name; its link count is how many.
 *   <li>A parent that is a symbolic link is followed inside the tree, as container engines do ({@code lib/x} where a lower
 *       layer has {@code lib -> usr/lib}); {@code ..} in its target stops at the root, and what it names is created where
 *       it is missing. Linux's limit of 40 links holds.
 * </ul>
 *
 * <p>In the result an inode with several names stands under the first of them in the tree's order (depth first, names as
 * unsigned bytes); the others are {@link dev.bulla.composefs.tree.HardLink}s to it.
 *
 * <p><b>Security.</b> All this happens in memory. There is no host path that a link or a {@code ..} could reach.
 */
public final class LayerMerge {
    private LayerMerge() {}

    /** Merges layers, and keeps all extended attributes that the mapping keeps. */
    public static Directory merge(List<LayerTree> layers, LayerLimits limits) throws LayerException {
        return merge(layers, limits, XattrSelection.ALL);
    }

    /**
     * Merges layers.
     *
     * @param layers from the lowest up; one that stands twice is applied twice
     * @param xattrs which extended attributes the tree is to have
     * @throws LayerException when an entry's parent is no directory, or a hard link's target is missing or a directory
     */
    public static Directory merge(List<LayerTree> layers, LayerLimits limits, XattrSelection xattrs)
            throws LayerException {
        MergedTree tree = new MergedTree(limits, xattrs);
        Set<LayerTree> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        long entries = 0;
        for (LayerTree layer : layers) {
            // A layer that stands often is fetched once, so that only here its entries count as often as they cost
            // time.
            entries += layer.entries().size();
            limits.check(LayerLimit.IMAGE_ENTRIES, entries, "layers of the image");
            tree.apply(layer, seen.add(layer));
        }
        return tree.finish();
    }
}
