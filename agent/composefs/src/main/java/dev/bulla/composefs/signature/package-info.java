/**
 * Signatures over fs-verity digests, made and checked in user space: PKCS#7 as {@code fsverity sign} makes it, and detached
 * ones over a digest file.
 *
 * <p>Nothing here reads a file or asks for a key: bytes and keys come in, a {@link
 * dev.bulla.composefs.signature.SignedDigest} comes out, or a {@link
 * dev.bulla.composefs.signature.SignatureRefusedException}. The kernel's keyring is never used. Signing stands here too, so that both sides
 * of a format are in one place; the guest's program has none of it, and a test keeps it so.
 */
@NullMarked
package dev.bulla.composefs.signature;

import org.jspecify.annotations.NullMarked;
