/**
 * A file system tree in memory: what an image or a dump describes. Names, link targets and extended attributes are bytes,
 * because that is what Linux keeps; text is only made of them for messages.
 *
 * <p>The tree holds metadata and small contents; the bytes of a larger file are named by size and fs-verity digest.
 */
@NullMarked
package dev.bulla.composefs.tree;

import org.jspecify.annotations.NullMarked;
