package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;

/**
 * One thing that a layer does to the tree below it.
 *
 * <p>A path is relative to the root, its components joined by single slashes, without {@code .} and {@code ..}; the root
 * itself is the empty path. A component may turn out to be a symbolic link of the tree: {@link LayerMerge} resolves it.
 */
public sealed interface LayerEntry {
    /** Where, or what is removed. */
    ByteString path();

    /** A directory stands here; what it held stays. */
    record OfDirectory(ByteString path, Metadata metadata) implements LayerEntry {}

    /** A new inode stands here: a file, a symbolic link, a device, a FIFO. */
    record OfLeaf(ByteString path, Leaf leaf) implements LayerEntry {}

    /** One more name for the inode that stands at {@code target}, in this layer or below it. */
    record OfLink(ByteString path, ByteString target) implements LayerEntry {}

    /** What lower layers have here is gone ({@code .wh.NAME}). */
    record Whiteout(ByteString path) implements LayerEntry {}

    /** What lower layers have inside this directory is gone ({@code .wh..wh..opq}). */
    record Opaque(ByteString path) implements LayerEntry {}
}
