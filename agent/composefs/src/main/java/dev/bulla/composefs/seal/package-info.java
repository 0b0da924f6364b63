/**
 * Seals: what an image's documents say the fs-verity digests of its composefs images, its configuration and its manifest are,
 * and who signed that. Read from annotations, from a referrer artifact, from an old label; written as annotations or as an
 * artifact. Follows composefs-rs's sealing specification of July 2026; {@code docs/seals.md} says where it leaves room and what
 * stands there with us.
 *
 * <p>Nothing here makes an image: whoever has computed the digests compares them.
 */
@NullMarked
package dev.bulla.composefs.seal;

import org.jspecify.annotations.NullMarked;
