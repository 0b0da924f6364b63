/**
 * Mounting an image from the object store: EROFS for names and metadata, overlay for contents.
 *
 * <p>What the kernel and the store's file system can enforce is found out by trying, once, and has a name that is reported:
 * {@link dev.bulla.composefs.mount.Enforcement}. Mounting needs root.
 */
@NullMarked
package dev.bulla.composefs.mount;

import org.jspecify.annotations.NullMarked;
