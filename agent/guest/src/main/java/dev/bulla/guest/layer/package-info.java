/**
 * Layers: from a compressed stream to a tree and staged files in one pass, and from the layers of an image to its root tree.
 *
 * <p>{@link dev.bulla.guest.layer.LayerUnpacker} inflates (gzip of several members, zstd of several frames, to the last
 * byte), hashes the uncompressed bytes for the diff_id, reads the archive with a strict reader of its own, and streams file
 * contents into the store's staging. {@link dev.bulla.guest.layer.LayerMerge} applies the layers' trees by the rules of the
 * OCI image specification's layer.md, in the mapping called faithful (docs/composefs.md).
 *
 * <p><b>Security.</b> Layers come from the adversary, and are read before their digest and HMAC have spoken, which come last.
 * Three things bound what that can do. An archive's names never become paths of this machine: the tree is built in memory,
 * links and {@code ..} are resolved in it, and contents go to numbered files in staging; there is nothing to escape from and
 * no race to win. {@link dev.bulla.guest.layer.LayerLimits} bounds memory, disk and expansion. And what programs read
 * differently is refused by name, so that what a scanner or a signer saw is what runs. Nothing becomes an object before the
 * compressed stream has ended without an exception and the diff_id agreed.
 */
@NullMarked
package dev.bulla.guest.layer;

import org.jspecify.annotations.NullMarked;
