/**
 * Upkeep of a store: whether everything in it is what its name says ({@link dev.bulla.composefs.check.Fsck}), dropping what is
 * not ({@link dev.bulla.composefs.check.Repair}), and deleting what nothing leads to any more
 * ({@link dev.bulla.composefs.check.GarbageCollection}).
 *
 * <p>A store is taken as it is found: absent, half made, edited by others. It is read through open folders, no symbolic link
 * is followed, and everything that is read is bounded.
 */
@NullMarked
package dev.bulla.composefs.check;

import org.jspecify.annotations.NullMarked;
