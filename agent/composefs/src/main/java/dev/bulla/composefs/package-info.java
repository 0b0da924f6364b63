/**
 * composefs: fs-verity digests, dumps, EROFS images and the commands {@code mkcomposefs} and {@code composefs-info}. The
 * object store and mounting have packages of their own below.
 *
 * <p>{@link dev.bulla.composefs.tree} is what all speak of: {@link dev.bulla.composefs.DumpReader} and
 * {@link dev.bulla.composefs.ErofsImageReader} make a tree, {@link dev.bulla.composefs.DumpWriter} and
 * {@link dev.bulla.composefs.ErofsImageWriter} take one. Images are byte for byte those of composefs's own tools, formats
 * V0 and V1, because an image's digest is the identity of its tree.
 */
@NullMarked
package dev.bulla.composefs;

import org.jspecify.annotations.NullMarked;
