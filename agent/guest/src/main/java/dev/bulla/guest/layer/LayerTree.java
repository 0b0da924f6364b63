package dev.bulla.guest.layer;

import java.util.List;

/**
 * A layer, unpacked: what it does to the tree below it, in the archive's order. {@link LayerMerge} makes a tree of several.
 *
 * @param entries the archive's entries
 */
public record LayerTree(List<LayerEntry> entries) {
    public LayerTree {
        entries = List.copyOf(entries);
    }
}
