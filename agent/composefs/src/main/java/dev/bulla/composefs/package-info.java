/**
 * composefs: EROFS images, dumps, fs-verity digests, the object store, mounting.
 */
@NullMarked
package dev.bulla.composefs;

import org.jspecify.annotations.NullMarked;
