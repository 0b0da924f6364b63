/**
 * What a KBS keeps: bytes by key, in memory or in a folder, there sealed if a key is given.
 *
 * <p>A folder's files are named as Trustee's {@code LocalFs} names them, so that one can take over the other's.
 */
@NullMarked
package dev.bulla.kbs.store;

import org.jspecify.annotations.NullMarked;
