/**
 * A layer's tar archive as what it differs in from the archive that a canonical writer makes of a tree.
 *
 * <p>{@link dev.bulla.guest.delta.CanonicalHeaders} is that writer: the headers that Go's {@code archive/tar} writes in its PAX
 * format, which nearly all builders of images use. {@link dev.bulla.guest.delta.DeltaWriter} makes the delta of an archive
 * and a tree, {@link dev.bulla.guest.delta.DeltaParts} the archive of a delta and the tree. The format is in docs/store.md.
 *
 * <p><b>Security.</b> A delta is a cache and is believed in nothing: whoever rebuilds an archive compares its diff_id. Any
 * bytes may stand in one; they are refused by a {@link dev.bulla.guest.delta.DeltaException}, or give an archive within the
 * limit, in bounded memory.
 */
@NullMarked
package dev.bulla.guest.delta;

import org.jspecify.annotations.NullMarked;
