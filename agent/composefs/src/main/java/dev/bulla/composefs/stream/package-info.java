/**
 * The splitstream file format of composefs-rs: a byte stream whose large runs are objects of the store and whose rest is
 * kept in place, compressed.
 *
 * <p>{@link dev.bulla.composefs.stream.SplitStreamWriter} writes the layout that composefs-rs writes today,
 * {@link dev.bulla.composefs.stream.SplitStreamReader} reads that and the one before it. A stream refers to objects only by
 * their digests and is never followed from here: whoever has a part looks its object up.
 */
@NullMarked
package dev.bulla.composefs.stream;

import org.jspecify.annotations.NullMarked;
